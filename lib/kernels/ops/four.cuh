// Four numbers of a row of n at once: by one access where rows are multiples of four, one by one elsewhere.
#pragma once
#include "../number.cuh"

__device__ __forceinline__ void whole_four(float (&to)[4], const float* p) {
    const float4 v = *(const float4*)p;
    to[0] = v.x; to[1] = v.y; to[2] = v.z; to[3] = v.w;
}
template <typename T> __device__ __forceinline__ void whole_four(float (&to)[4], const T* p) {
    union { uint2 bits; T number[4]; } v;
    v.bits = *(const uint2*)p;
    #pragma unroll
    for (int i = 0; i < 4; ++i) to[i] = load(v.number + i);
}

// Zeros behind the last one.
template <typename T> __device__ __forceinline__ void load_four(float (&to)[4], const T* row, unsigned n, unsigned first) {
    if (n % 4 == 0) {
        whole_four(to, row + first);
    } else {
        #pragma unroll
        for (unsigned i = 0; i < 4; ++i) to[i] = first + i < n ? load(row + first + i) : 0.f;
    }
}

// Said in PTX, as nvcc merges a store of four numbers with the four single ones.
__device__ __forceinline__ void put_four(float* p, const float (&from)[4]) {
    asm volatile("st.global.v4.f32 [%0], {%1, %2, %3, %4};" ::"l"(__cvta_generic_to_global(p)), "f"(from[0]), "f"(from[1]),
                 "f"(from[2]), "f"(from[3]) : "memory");
}
template <typename T> __device__ __forceinline__ void put_four(T* p, const float (&from)[4]) {
    union { uint2 bits; T number[4]; } v;
    #pragma unroll
    for (int i = 0; i < 4; ++i) store(v.number + i, from[i]);
    asm volatile("st.global.v2.b32 [%0], {%1, %2};" ::"l"(__cvta_generic_to_global(p)), "r"(v.bits.x), "r"(v.bits.y) : "memory");
}

template <typename T> __device__ __forceinline__ void store_four(T* row, unsigned n, unsigned first, const float (&from)[4]) {
    if (n % 4 == 0) {
        put_four(row + first, from);
    } else {
        #pragma unroll
        for (unsigned i = 0; i < 4; ++i) if (first + i < n) store(row + first + i, from[i]);
    }
}
