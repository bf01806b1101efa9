// Numbers as they are stored, and the functions of f32 in which everything is computed.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>

template <typename T> __device__ __forceinline__ float load(const T* p);
template <> __device__ __forceinline__ float load(const float* p) { return *p; }
template <> __device__ __forceinline__ float load(const __nv_bfloat16* p) { return __bfloat162float(*p); }
template <> __device__ __forceinline__ float load(const __half* p) { return __half2float(*p); }

template <typename T> __device__ __forceinline__ void store(T* p, float x);
template <> __device__ __forceinline__ void store(float* p, float x) { *p = x; }
template <> __device__ __forceinline__ void store(__nv_bfloat16* p, float x) { *p = __float2bfloat16(x); }
template <> __device__ __forceinline__ void store(__half* p, float x) { *p = __float2half(x); }

constexpr float LOG2_E = 1.44269504f, LN_2 = 0.69314718f;

// 2^x and 1 / x by the unit for special functions: relative error below 2^-22 and 2^-23.
__device__ __forceinline__ float exp2_fast(float x) { float y; asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x)); return y; }
__device__ __forceinline__ float inverse_fast(float x) { float y; asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x)); return y; }

__device__ __forceinline__ float sigmoid(float x) { return inverse_fast(1.f + exp2_fast(x * -LOG2_E)); }

// ln(1 + e^x) = max(x, 0) + 2 atanh(s) with e = e^-|x| and s = e / (2 + e) <= 1/3: no branch, and no small difference of
// large numbers. Relative error below 5e-7 for every x.
__device__ __forceinline__ float softplus(float x) {
    const float e = exp2_fast(fabsf(x) * -LOG2_E), s = e * inverse_fast(2.f + e), w = s * s;
    float q = fmaf(0.14078890f, w, 0.13982579f);
    q = fmaf(q, w, 0.20012298f);
    q = fmaf(q, w, 0.33333161f);
    q = fmaf(q, w, 1.f);
    return fmaxf(x, 0.f) + 2.f * s * q;
}

// 1 - e^-x for x >= 0: the sigmoid of p, where x = softplus(p). Below 0.2 the difference would cancel; there the series.
__device__ __forceinline__ float one_minus_exp(float x) {
    float series = fmaf(x, 0.00833333333f, -0.0416666667f);
    series = fmaf(x, series, 0.166666667f);
    series = fmaf(x, series, -0.5f);
    series = x * fmaf(x, series, 1.f);
    const float plain = 1.f - exp2_fast(x * -LOG2_E);
    return x < 0.2f ? series : plain;
}
