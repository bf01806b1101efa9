// Attention with random features within each segment of packed tokens, in f32: φ(q)·Σ φ(k)vᵀ / φ(q)·Σ φ(k) with
// φ(x) = relu(Ωᵀ·x). Biases and rotary positions are applied on the way: everything is read once and written once.
// `lib/src/lm/engine/tensors/card/linear.rs` writes the struct.
//
// A block has one head of one segment; its threads are 16 groups of 8. The sums over the keys stay in registers while
// their tiles pass by, then in shared memory while those of the queries do.
#pragma once
#include "../ops/four.cuh"
#include "tile.cuh"

template <typename T> struct Linear {
    const float *x[3];         // (t, heads · width): products of queries, keys, values
    const float *bias[3];      // (heads · width), or null
    const float *cos, *sin;    // (longest, width / 2)
    const float *omega;        // (count, width)
    const unsigned *segments;  // (segments + 1): where each begins, and the end
    T *out;                    // (t, heads · width)
    long long heads, width, count, added;
    double epsilon;            // added to the denominators, or else the least of them
};

constexpr unsigned FEATURES = 32, WIDE = 64, LANES = 8, TOKENS = 32, PIECES = WIDE / 4, WITHIN = 40;

// What the threads of a block share.
struct Shared {
    uint4 omega[FEATURES * PIECES], rows[TOKENS * PIECES], values[TOKENS * PIECES], sums[FEATURES * PIECES];
    float phi[TOKENS * WITHIN], totals[FEATURES];
};

__device__ __forceinline__ unsigned group() { return threadIdx.x / LANES; }
__device__ __forceinline__ unsigned lane() { return threadIdx.x % LANES; }

// A feature of a token with its bias and, unless it is a value's, turned; zero behind the width and past the end.
template <typename T, bool TURNED>
__device__ __forceinline__ float ready(const Linear<T>& job, int which, unsigned begin, unsigned end, unsigned token, unsigned at) {
    const unsigned width = job.width;
    if (at >= width || token >= end) return 0.f;
    const unsigned row = job.heads * width, own = blockIdx.y * width + at, half = width / 2;
    const float *x = job.x[which] + (size_t)token * row, *bias = job.bias[which];
    const float value = x[own] + (bias ? bias[own] : 0.f);
    if (!TURNED) return value;
    const unsigned other = at < half ? own + half : own - half, angle = (token - begin) * half + at % half;
    const float beside = x[other] + (bias ? bias[other] : 0.f), s = job.sin[angle];
    return fmaf(beside, at < half ? -s : s, value * job.cos[angle]);
}

// Fills a tile, a feature a thread.
template <typename T, bool TURNED>
__device__ __forceinline__ void fill(uint4* to, const Linear<T>& job, int which, unsigned begin, unsigned end, unsigned first) {
    #pragma unroll 4
    for (unsigned i = threadIdx.x; i < TOKENS * WIDE; i += THREADS) {
        const unsigned row = i / WIDE, at = i % WIDE;
        ((float*)(to + chunk<PIECES>(row, at / 4)))[at % 4] = ready<T, TURNED>(job, which, begin, end, first + row, at);
    }
}

// φ of the tile's rows: a thread has two tokens and every eighth feature.
__device__ __forceinline__ void random_features(Shared& shared) {
    float sum[2][4] = {};
    #pragma unroll 4
    for (unsigned c = 0; c < PIECES; ++c) {
        float4 w[4];
        #pragma unroll
        for (int j = 0; j < 4; ++j) w[j] = *(const float4*)(shared.omega + chunk<PIECES>(lane() + LANES * j, c));
        #pragma unroll
        for (int i = 0; i < 2; ++i) {
            const float4 x = *(const float4*)(shared.rows + chunk<PIECES>(group() + 16 * i, c));
            #pragma unroll
            for (int j = 0; j < 4; ++j)
                sum[i][j] = fmaf(x.w, w[j].w, fmaf(x.z, w[j].z, fmaf(x.y, w[j].y, fmaf(x.x, w[j].x, sum[i][j]))));
        }
    }
    #pragma unroll
    for (int i = 0; i < 2; ++i) {
        #pragma unroll
        for (int j = 0; j < 4; ++j) shared.phi[(group() + 16 * i) * WITHIN + lane() + LANES * j] = fmaxf(sum[i][j], 0.f);
    }
}

// The thread's eight features of a row of values or sums: four of each 32.
__device__ __forceinline__ void eight(float (&to)[8], const uint4* tile, unsigned row) {
    #pragma unroll
    for (unsigned j = 0; j < 2; ++j) {
        const float4 four = *(const float4*)(tile + chunk<PIECES>(row, LANES * j + lane()));
        to[4 * j] = four.x; to[4 * j + 1] = four.y; to[4 * j + 2] = four.z; to[4 * j + 3] = four.w;
    }
}

template <typename T> __device__ __forceinline__ void linear(const Linear<T>& job) {
    __shared__ Shared shared;
    const unsigned begin = job.segments[blockIdx.x], end = job.segments[blockIdx.x + 1], width = job.width;
    for (unsigned i = threadIdx.x; i < FEATURES * WIDE; i += THREADS) {
        const unsigned row = i / WIDE, at = i % WIDE;
        ((float*)(shared.omega + chunk<PIECES>(row, at / 4)))[at % 4] =
            row < job.count && at < width ? job.omega[row * width + at] : 0.f;
    }
    // A thread sums two features of the keys over the tokens, in their order.
    float sums[2][8] = {}, totals[2] = {};
    for (unsigned first = begin; first < end; first += TOKENS) {
        fill<T, true>(shared.rows, job, 1, begin, end, first);
        fill<T, false>(shared.values, job, 2, begin, end, first);
        __syncthreads();
        random_features(shared);
        __syncthreads();
        #pragma unroll 4
        for (unsigned token = 0; token < TOKENS; ++token) {
            float v[8];
            eight(v, shared.values, token);
            const float2 phi = *(const float2*)(shared.phi + token * WITHIN + 2 * group());
            totals[0] += phi.x;
            totals[1] += phi.y;
            #pragma unroll
            for (int j = 0; j < 8; ++j) {
                sums[0][j] = fmaf(phi.x, v[j], sums[0][j]);
                sums[1][j] = fmaf(phi.y, v[j], sums[1][j]);
            }
        }
        __syncthreads();
    }
    #pragma unroll
    for (int i = 0; i < 2; ++i) {
        const unsigned row = 2 * group() + i;
        #pragma unroll
        for (unsigned j = 0; j < 2; ++j)
            *(float4*)(shared.sums + chunk<PIECES>(row, LANES * j + lane())) =
                make_float4(sums[i][4 * j], sums[i][4 * j + 1], sums[i][4 * j + 2], sums[i][4 * j + 3]);
        if (lane() == 0) shared.totals[row] = totals[i];
    }
    const float epsilon = (float)job.epsilon;
    for (unsigned first = begin; first < end; first += TOKENS) {
        fill<T, true>(shared.rows, job, 0, begin, end, first);
        __syncthreads();
        random_features(shared);
        __syncthreads();
        float out[2][8] = {}, below[2] = {};
        #pragma unroll 2
        for (unsigned f = 0; f < FEATURES; f += 4) {
            float phi[2][4], total[4];
            *(float4*)total = *(const float4*)(shared.totals + f);
            #pragma unroll
            for (int i = 0; i < 2; ++i) *(float4*)phi[i] = *(const float4*)(shared.phi + (group() + 16 * i) * WITHIN + f);
            #pragma unroll
            for (unsigned k = 0; k < 4; ++k) {
                float sum[8];
                eight(sum, shared.sums, f + k);
                #pragma unroll
                for (int i = 0; i < 2; ++i) {
                    below[i] = fmaf(phi[i][k], total[k], below[i]);
                    #pragma unroll
                    for (int j = 0; j < 8; ++j) out[i][j] = fmaf(phi[i][k], sum[j], out[i][j]);
                }
            }
        }
        #pragma unroll
        for (int i = 0; i < 2; ++i) {
            const unsigned token = first + group() + 16 * i;
            if (token >= end) continue;
            const float by = 1.f / (job.added ? below[i] + epsilon : fmaxf(below[i], epsilon));
            T* row = job.out + ((size_t)token * job.heads + blockIdx.y) * width;
            #pragma unroll
            for (unsigned j = 0; j < 2; ++j) {
                const unsigned at = 32 * j + 4 * lane();
                const float four[4] = {out[i][4 * j] * by, out[i][4 * j + 1] * by, out[i][4 * j + 2] * by, out[i][4 * j + 3] * by};
                if (at < width) store_four(row, width, at, four);
            }
        }
        __syncthreads();
    }
}
