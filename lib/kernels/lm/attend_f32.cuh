// f32: eight lanes share four rows of queries, each with every eighth key and with its share of the features.
#pragma once
#include "attend.cuh"

template <int D> struct Sixteen<float, D> {
    static constexpr unsigned KEYS = 32, STAGES = 1, CHUNKS = D / 4, OWN = D / 8, STRIDE = 40;
    float sum[4], highest[4], out[4][OWN];

    static __device__ __forceinline__ unsigned row(int i) { return threadIdx.x / 32 * ROWS + threadIdx.x % 32 / 8 + 4 * i; }
    static __device__ __forceinline__ unsigned lane() { return threadIdx.x % 8; }

    __device__ __forceinline__ void start(const uint4*) {
        #pragma unroll
        for (int i = 0; i < 4; ++i) {
            sum[i] = 0.f;
            highest[i] = -INFINITY;
            #pragma unroll
            for (unsigned j = 0; j < OWN; ++j) out[i][j] = 0.f;
        }
    }

    // Adds a tile of keys, of which `left` are there.
    __device__ __forceinline__ void step(const uint4* queries, const uint4* keys, const uint4* values, unsigned left) {
        __shared__ __align__(16) float shares[QUERIES * STRIDE];
        float s[4][4] = {};
        #pragma unroll 4
        for (unsigned c = 0; c < CHUNKS; ++c) {
            float4 k[4];
            #pragma unroll
            for (int j = 0; j < 4; ++j) k[j] = *(const float4*)(keys + chunk<CHUNKS>(lane() + 8 * j, c));
            #pragma unroll
            for (int i = 0; i < 4; ++i) {
                const float4 q = *(const float4*)(queries + chunk<CHUNKS>(row(i), c));
                #pragma unroll
                for (int j = 0; j < 4; ++j)
                    s[i][j] = fmaf(q.w, k[j].w, fmaf(q.z, k[j].z, fmaf(q.y, k[j].y, fmaf(q.x, k[j].x, s[i][j]))));
            }
        }
        #pragma unroll
        for (int i = 0; i < 4; ++i) {
            float top = -INFINITY;
            #pragma unroll
            for (int j = 0; j < 4; ++j) {
                if (lane() + 8 * j >= left) s[i][j] = -INFINITY;
                top = fmaxf(top, s[i][j]);
            }
            #pragma unroll
            for (int by = 1; by < 8; by *= 2) top = fmaxf(top, __shfl_xor_sync(0xffffffffu, top, by));
            const float by = rise(highest[i], top);
            sum[i] *= by;
            #pragma unroll
            for (unsigned j = 0; j < OWN; ++j) out[i][j] *= by;
            #pragma unroll
            for (int j = 0; j < 4; ++j) {
                const float share = exp2_fast(s[i][j] - highest[i]);
                sum[i] += share;
                shares[row(i) * STRIDE + lane() + 8 * j] = share;
            }
        }
        __syncwarp();
        #pragma unroll 2
        for (unsigned key = 0; key < KEYS; key += 4) {
            float share[4][4];
            #pragma unroll
            for (int i = 0; i < 4; ++i) *(float4*)share[i] = *(const float4*)(shares + row(i) * STRIDE + key);
            #pragma unroll
            for (unsigned k = 0; k < 4; ++k) {
                float v[OWN];
                features(v, values, key + k);
                #pragma unroll
                for (int i = 0; i < 4; ++i) {
                    #pragma unroll
                    for (unsigned j = 0; j < OWN; ++j) out[i][j] = fmaf(share[i][k], v[j], out[i][j]);
                }
            }
        }
    }

    // The lane's features of a row: two of 16, else four of each 32.
    static __device__ __forceinline__ void features(float (&to)[OWN], const uint4* tile, unsigned row) {
        if constexpr (D == 16) {
            *(float2*)to = ((const float2*)(tile + chunk<CHUNKS>(row, lane() / 2)))[lane() % 2];
        } else {
            #pragma unroll
            for (unsigned j = 0; j < OWN / 4; ++j) {
                const float4 four = *(const float4*)(tile + chunk<CHUNKS>(row, 8 * j + lane()));
                to[4 * j] = four.x; to[4 * j + 1] = four.y; to[4 * j + 2] = four.z; to[4 * j + 3] = four.w;
            }
        }
    }

    __device__ __forceinline__ void finish(uint4* to) {
        #pragma unroll
        for (int i = 0; i < 4; ++i) {
            #pragma unroll
            for (int by = 1; by < 8; by *= 2) sum[i] += __shfl_xor_sync(0xffffffffu, sum[i], by);
            const float by = 1.f / sum[i];
            if constexpr (D == 16) {
                ((float2*)(to + chunk<CHUNKS>(row(i), lane() / 2)))[lane() % 2] = make_float2(out[i][0] * by, out[i][1] * by);
            } else {
                #pragma unroll
                for (unsigned j = 0; j < OWN / 4; ++j)
                    *(float4*)(to + chunk<CHUNKS>(row(i), 8 * j + lane())) =
                        make_float4(out[i][4 * j] * by, out[i][4 * j + 1] * by, out[i][4 * j + 2] * by, out[i][4 * j + 3] * by);
            }
        }
    }
};
