// bf16: products of matrices by tensor cores with sums in f32. Softmax is f32; shares are rounded for the second product.
#pragma once
#include "attend.cuh"

__device__ __forceinline__ void load_matrices(unsigned (&to)[4], const uint4* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3]) : "r"(shared_address(row)) : "memory");
}
__device__ __forceinline__ void load_turned(unsigned (&to)[4], const uint4* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3]) : "r"(shared_address(row)) : "memory");
}
__device__ __forceinline__ void multiply(float (&sum)[4], const unsigned (&a)[4], unsigned low, unsigned high) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(low), "r"(high));
}
__device__ __forceinline__ unsigned pair(float low, float high) {
    const __nv_bfloat162 both = __floats2bfloat162_rn(low, high);
    return *(const unsigned*)&both;
}

// Of an accumulator of 16 × 8, a lane has two neighbouring columns of row lane / 4, and of the row 8 below.
template <int D> struct Sixteen<__nv_bfloat16, D> {
    static constexpr unsigned KEYS = 64, STAGES = 2, CHUNKS = D / 8;
    unsigned q[D / 16][4];
    float sum[2], highest[2], out[D / 8][4];

    static __device__ __forceinline__ unsigned warp() { return threadIdx.x / 32 * ROWS; }
    static __device__ __forceinline__ unsigned lane() { return threadIdx.x % 32; }

    __device__ __forceinline__ void start(const uint4* queries) {
        #pragma unroll
        for (unsigned k = 0; k < D / 16; ++k) load_matrices(q[k], queries + chunk<CHUNKS>(warp() + lane() % 16, 2 * k + lane() / 16));
        #pragma unroll
        for (int i = 0; i < 2; ++i) { sum[i] = 0.f; highest[i] = -INFINITY; }
        #pragma unroll
        for (unsigned n = 0; n < D / 8; ++n) {
            #pragma unroll
            for (int i = 0; i < 4; ++i) out[n][i] = 0.f;
        }
    }

    // Adds a tile of keys, of which `left` are there.
    __device__ __forceinline__ void step(const uint4*, const uint4* keys, const uint4* values, unsigned left) {
        float s[KEYS / 8][4] = {};
        #pragma unroll
        for (unsigned n = 0; n < KEYS / 8; n += 2) {
            #pragma unroll
            for (unsigned k = 0; k < D / 16; ++k) {
                unsigned b[4];
                load_matrices(b, keys + chunk<CHUNKS>(8 * n + lane() / 16 * 8 + lane() % 8, 2 * k + lane() / 8 % 2));
                multiply(s[n], q[k], b[0], b[1]);
                multiply(s[n + 1], q[k], b[2], b[3]);
            }
        }
        if (left < KEYS) {
            #pragma unroll
            for (unsigned n = 0; n < KEYS / 8; ++n) {
                #pragma unroll
                for (int i = 0; i < 4; ++i) if (8 * n + lane() % 4 * 2 + i % 2 >= left) s[n][i] = -INFINITY;
            }
        }
        float by[2];
        #pragma unroll
        for (int half = 0; half < 2; ++half) {
            float top = -INFINITY;
            #pragma unroll
            for (unsigned n = 0; n < KEYS / 8; ++n) top = fmaxf(top, fmaxf(s[n][2 * half], s[n][2 * half + 1]));
            #pragma unroll
            for (int to = 1; to < 4; to *= 2) top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, to));
            by[half] = rise(highest[half], top);
            sum[half] *= by[half];
        }
        #pragma unroll
        for (unsigned n = 0; n < D / 8; ++n) {
            #pragma unroll
            for (int i = 0; i < 4; ++i) out[n][i] *= by[i / 2];
        }
        #pragma unroll
        for (unsigned n = 0; n < KEYS / 8; ++n) {
            #pragma unroll
            for (int i = 0; i < 4; ++i) {
                s[n][i] = exp2_fast(s[n][i] - highest[i / 2]);
                sum[i / 2] += s[n][i];
            }
        }
        #pragma unroll
        for (unsigned k = 0; k < KEYS / 16; ++k) {
            const unsigned shares[4] = {pair(s[2 * k][0], s[2 * k][1]), pair(s[2 * k][2], s[2 * k][3]),
                                        pair(s[2 * k + 1][0], s[2 * k + 1][1]), pair(s[2 * k + 1][2], s[2 * k + 1][3])};
            #pragma unroll
            for (unsigned n = 0; n < D / 8; n += 2) {
                unsigned b[4];
                load_turned(b, values + chunk<CHUNKS>(16 * k + lane() % 16, n + lane() / 16));
                multiply(out[n], shares, b[0], b[1]);
                multiply(out[n + 1], shares, b[2], b[3]);
            }
        }
    }

    __device__ __forceinline__ void finish(uint4* to) {
        #pragma unroll
        for (int half = 0; half < 2; ++half) {
            #pragma unroll
            for (int by = 1; by < 4; by *= 2) sum[half] += __shfl_xor_sync(0xffffffffu, sum[half], by);
            const float by = 1.f / sum[half];
            const unsigned row = warp() + lane() / 4 + 8 * half;
            #pragma unroll
            for (unsigned n = 0; n < D / 8; ++n)
                ((unsigned*)(to + chunk<CHUNKS>(row, n)))[lane() % 4] = pair(out[n][2 * half] * by, out[n][2 * half + 1] * by);
        }
    }
};
