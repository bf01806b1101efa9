// Scans forward with at most 16 states and no read-out, as forward.cuh does, number for number: a thread has a channel of its
// own with all its states. What a step brings stays in its registers, and nothing but b and c passes through shared memory,
// once per tile for all channels. Several steps are loaded ahead as they lie in memory, and widened when their turn comes.
#pragma once
#include "sum.cuh"
#include "tile.cuh"

struct Own {
    static constexpr int STEPS = Tile<16, false>::STEPS, AHEAD = 4;  // steps of a tile; steps loaded ahead
};

// Rows of b and c, of this tile and the next one.
struct OwnShared { float rows[2][2][Own::STEPS][16]; };

// Four numbers as they lie in memory.
template <typename T> struct __align__(4 * sizeof(T)) Four { T of[4]; };

// Stores where `yes`, said in PTX, as nvcc makes branches of it, over which nothing is moved.
__device__ __forceinline__ void store_where(bool yes, float* p, float x) {
    asm volatile("{ .reg .pred yes; setp.ne.u32 yes, %2, 0; @yes st.global.f32 [%0], %1; }" ::"l"(__cvta_generic_to_global(p)), "f"(x), "r"((unsigned)yes));
}
template <typename T> __device__ __forceinline__ void store_where(bool yes, T* p, float x) {
    T narrow;
    store(&narrow, x);
    asm volatile("{ .reg .pred yes; setp.ne.u32 yes, %2, 0; @yes st.global.b16 [%0], %1; }" ::"l"(__cvta_generic_to_global(p)), "h"(*(const unsigned short*)&narrow), "r"((unsigned)yes));
}

// The states of a channel. In memory two lanes side by side, which have two channels side by side, go through both rows
// together, a sector at a time, and swap what is the other's.
struct States {
    float of[4][4];

    __device__ __forceinline__ void swap(int i) {
        const bool odd = threadIdx.x & 1;
        #pragma unroll
        for (int k = 0; k < 4; ++k) {
            // In memory's order the first four of the pair is that of the even channel; in registers, the first of its own.
            const float first = of[i][k], second = of[i + 1][k];
            const float got = exchange(odd ? first : second, 1);
            of[i][k] = odd ? got : first;
            of[i + 1][k] = odd ? second : got;
        }
    }
    // Row 0 is that of the even channel of the two lanes, `left` the number of channels from it on.
    __device__ __forceinline__ void take(const float* p, size_t row, int left, int n) {
        #pragma unroll
        for (int i = 0; i < 4; ++i) {
            const int channel = i & 1, states = (i & 2) * 4 + (threadIdx.x & 1) * 4;
            if (channel < left) load_states<16>(of[i], p, row + channel, n, states);
        }
        swap(0);
        swap(2);
    }
    __device__ __forceinline__ void give(float* p, size_t row, int left, int n) const {
        States all = *this;
        all.swap(0);
        all.swap(2);
        #pragma unroll
        for (int i = 0; i < 4; ++i) {
            const int channel = i & 1, states = (i & 2) * 4 + (threadIdx.x & 1) * 4;
            if (channel < left) store_states<16>(p, row + channel, n, states, all.of[i]);
        }
    }
};

template <typename T> __device__ __forceinline__ void scan_forward_own(const Forward<T>& job, OwnShared& tile) {
    const Inputs<T>& x = job.x;
    const int e = (int)x.e, n = (int)x.n, segment = blockIdx.x, first = blockIdx.y * THREADS;
    if (segment >= x.s || first >= e) return;
    const int thread = threadIdx.x, channel = first + thread, own = min(channel, e - 1);
    const bool real = channel < e, live = channel - (thread & 31) < e;
    const int begin = x.offsets[segment], length = x.offsets[segment + 1] - begin;
    // Step 0 of its channel, and the way from step to step; products of tokens and channels fit into 32 bits.
    const int token = begin + (x.reverse ? length - 1 : 0), way = x.reverse ? -1 : 1;
    const int origin = token * e + own, stride = way * e;
    const int even = channel & ~1, left = e - even;
    const size_t row = (size_t)segment * e + even;

    States h = {}, a = {};
    a.take(x.a, even, left, n);
    if (x.h0) h.take(x.h0, row, left, n);
    #pragma unroll
    for (int i = 0; i < 16; ++i) a.of[i / 4][i % 4] *= LOG2_E;
    const float bias = x.delta_bias ? x.delta_bias[own] : 0.f, skip = x.d ? x.d[own] : 0.f;
    const T* const z = x.z ? x.z : x.u;  // without a gate something is read all the same, as a branch would cost more
    // The gate is z sigmoid(z), or 1 sigmoid(infinity).
    const bool gated = x.z;
    const float scale = gated ? -LOG2_E : 0.f, shift = gated ? 0.f : -INFINITY;

    // Past the last step, the last.
    T u[Own::AHEAD], delta[Own::AHEAD], gate[Own::AHEAD];
    auto fetch = [&](int i, int step) {
        const int from = origin + min(step, length - 1) * stride;
        u[i] = x.u[from];
        delta[i] = x.delta[from];
        gate[i] = z[from];
    };
    // A thread stages four states of one step: of b or of c.
    const int staged = thread / 4 % Own::STEPS, column = thread % 4 * 4;
    const T* const rows = thread < THREADS / 2 ? x.b : x.c;
    Four<T> next = {};
    auto fetch_rows = [&](int step) {
        const T* from = rows + (token + min(step + staged, length - 1) * way) * n + column;
        if (n == 16) next = *(const Four<T>*)from;
        else {
            #pragma unroll
            for (int i = 0; i < 4; ++i) if (column + i < n) next.of[i] = from[i];
        }
    };
    if (length) {
        fetch_rows(0);
        #pragma unroll
        for (int i = 0; i < Own::AHEAD; ++i) fetch(i, i);
    }
    int side = 0;
    #pragma unroll 1
    for (int begun = 0; begun < length; begun += Own::STEPS, side ^= 1) {
        *(float4*)&tile.rows[side][thread / (THREADS / 2)][staged][column] =
            make_float4(load(&next.of[0]), load(&next.of[1]), load(&next.of[2]), load(&next.of[3]));
        // No second barrier: the side that is written next was last read before this one.
        __syncthreads();
        fetch_rows(begun + Own::STEPS);
        if (!live) continue;
        if (job.states) h.give(job.states, (size_t)(begin / Own::STEPS + segment + begun / Own::STEPS) * e + even, left, 16);
        const int end = min(begun + Own::STEPS, length);
        const float* at = &tile.rows[side][0][0][0];
        #pragma unroll 1
        for (int step = begun; step < end; step += Own::AHEAD) {
            #pragma unroll
            for (int i = 0; i < Own::AHEAD; ++i, at += 16) {
                const int t = step + i;
                const float came = load(&u[i]), open = load(&gate[i]);
                // No time passes behind the last step, and nothing comes in: softplus of minus infinity is 0. There is no
                // branch here, nor for the gate, so that the steps are one row of instructions.
                const float dt = softplus(load(&delta[i]) + (t < length ? bias : -INFINITY)), input = dt * came;
                const float direct = __fmul_rn(skip, came);
                const float factor = (gated ? open : 1.f) * inverse_fast(1.f + exp2_fast(fmaf(open, scale, shift)));
                fetch(i, t + Own::AHEAD);
                float y[4] = {};
                #pragma unroll
                for (int f = 0; f < 4; ++f) {
                    float b[4], c[4];
                    load_four(b, at + 4 * f);
                    load_four(c, at + Own::STEPS * 16 + 4 * f);
                    #pragma unroll
                    for (int k = 0; k < 4; ++k) {
                        h.of[f][k] = fmaf(exp2_fast(dt * a.of[f][k]), h.of[f][k], input * b[k]);
                        y[f] = fmaf(h.of[f][k], c[k], y[f]);
                    }
                }
                const float sum = (y[0] + y[2]) + (y[1] + y[3]);  // as four lanes would
                store_where(t < length && real, job.out + (origin + t * stride), (direct + sum) * factor);
            }
        }
    }
    if (job.h_last) h.give(job.h_last, row, left, n);
}
