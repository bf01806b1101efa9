// Scans of segments of at most 16 steps and 16 states, as pairs and pooled sequences have: a thread does one channel of one
// segment, state after state, with all its steps in registers. No tiles, nothing kept for the backward, and work only for the
// steps that there are. The formulas are those of forward.cuh and backward.cuh.
//
// A block does 128 channels of a segment. What every channel has 16 of (rates, states) passes through shared memory, so that
// a warp touches consecutive places; there a thread meets its own row only.
#pragma once
#include "sum.cuh"
#include "tile.cuh"

constexpr int SHORT = 16, STATES = 16;

// A number per channel of the block and state. No two lanes meet in a bank, whether they go along a row or down a column.
struct Rows {
    float at[THREADS * STATES];
    __device__ __forceinline__ float& operator()(int row, int state) { return at[row * STATES + (state ^ (row / 2 % STATES))]; }
};

struct ShortForward {
    Rows a, h;                                  // of a read-out a becomes k
    float b[SHORT][STATES], c[SHORT][STATES];
};

struct ShortBackward {
    Rows a, h, g;                               // h becomes the gradient by a, and g that by h0
    float b[SHORT][STATES], c[SHORT][STATES];
    float sums[THREADS / 32][STATES][32];       // by b, then by c
};
struct ShortReadout : ShortBackward { Rows k; };

struct ShortSeat {
    int thread, lane, warp, segment, first, channels, channel, begin, length, e, n;
    bool reverse;
    template <typename T> __device__ __forceinline__ ShortSeat(const Inputs<T>& x)
        : thread(threadIdx.x), lane(threadIdx.x & 31), warp(threadIdx.x >> 5), segment(blockIdx.x), first(blockIdx.y * THREADS),
          channels(min(THREADS, (int)x.e - first)), channel(first + min((int)threadIdx.x, channels - 1)), begin(0), length(0),
          e((int)x.e), n((int)x.n), reverse(x.reverse != 0) {
        if (inside(x)) {
            begin = x.offsets[segment];
            length = x.offsets[segment + 1] - begin;
        }
    }
    // The same for all threads of a block.
    template <typename T> __device__ __forceinline__ bool inside(const Inputs<T>& x) const { return segment < x.s && first < e; }
    __device__ __forceinline__ bool real() const { return thread < channels; }
    __device__ __forceinline__ bool works() const { return warp * 32 < channels; }
    __device__ __forceinline__ unsigned token(int t) const { return begin + (reverse ? length - 1 - t : t); }
    // Its own place in (t, e), and in (s, e).
    __device__ __forceinline__ unsigned place(int t) const { return token(t) * e + channel; }
    __device__ __forceinline__ size_t own() const { return (size_t)segment * e + channel; }
    // Rows of n numbers per channel, from and to a place in (e, n); an absent tensor is zero.
    __device__ __forceinline__ void take(Rows& rows, const float* p, size_t row) const {
        for (int i = thread; i < channels * n; i += THREADS) rows(i / n, i % n) = p ? p[(row + first) * n + i] : 0.f;
    }
    __device__ __forceinline__ void give(float* p, size_t row, Rows& rows, int width) const {
        for (int i = thread; i < channels * width; i += THREADS)
            if (i % width < n) p[(row + first) * width + i] = rows(i / width, i % width);
    }
};

template <typename T>
__device__ __forceinline__ void short_rows(const Inputs<T>& x, const ShortSeat& at, float (&b)[SHORT][STATES], float (&c)[SHORT][STATES]) {
    for (int i = at.thread; i < at.length * at.n; i += THREADS) {
        const int t = i / at.n, state = i % at.n;
        const unsigned from = at.token(t) * at.n + state;
        b[t][state] = load(x.b + from);
        c[t][state] = load(x.c + from);
    }
}

// What does not depend on the state: the time steps, and what comes in.
template <typename T>
__device__ __forceinline__ void short_steps(const Inputs<T>& x, const ShortSeat& at, float (&dt)[SHORT], float (&input)[SHORT]) {
    const float bias = x.delta_bias ? x.delta_bias[at.channel] : 0.f;
    #pragma unroll
    for (int t = 0; t < SHORT; ++t) if (t < at.length) {
        dt[t] = softplus(load(x.delta + at.place(t)) + bias);
        input[t] = dt[t] * load(x.u + at.place(t));
    }
}

template <typename T, bool READOUT> __device__ __forceinline__ void scan_short_forward(const Forward<T>& job, ShortForward& tile) {
    const Inputs<T>& x = job.x;
    const ShortSeat at(x);
    if (!at.inside(x)) return;
    const size_t segment = (size_t)at.segment * at.e;
    at.take(tile.a, x.a, 0);
    at.take(tile.h, x.h0, segment);
    short_rows(x, at, tile.b, tile.c);
    float dt[SHORT], input[SHORT], y[SHORT] = {}, weight[SHORT];
    short_steps(x, at, dt, input);
    if (READOUT) {
        #pragma unroll
        for (int t = 0; t < SHORT; ++t) if (t < at.length) weight[t] = load(x.z + at.place(t));
    }
    __syncthreads();
    if (at.real()) {
        #pragma unroll 1
        for (int n = 0; n < at.n; ++n) {
            const float a = tile.a(at.thread, n) * LOG2_E;
            float h = tile.h(at.thread, n), k = 0.f, time = 0.f;
            #pragma unroll
            for (int t = 0; t < SHORT; ++t) if (t < at.length) {
                h = fmaf(exp2_fast(dt[t] * a), h, input[t] * tile.b[t][n]);
                y[t] = fmaf(tile.c[t][n], h, y[t]);
                if (READOUT) {
                    time += dt[t];
                    k = fmaf(weight[t] * tile.c[t][n], exp2_fast(time * a), k);
                }
            }
            tile.h(at.thread, n) = h;
            if (READOUT) tile.a(at.thread, n) = k;
        }
        const float skip = x.d ? x.d[at.channel] : 0.f;
        float pool = 0.f;
        #pragma unroll
        for (int t = 0; t < SHORT; ++t) if (t < at.length) {
            const float out = fmaf(skip, load(x.u + at.place(t)), y[t]);
            if (READOUT) {
                pool = fmaf(weight[t], out, pool);
            } else {
                const float z = x.z ? load(x.z + at.place(t)) : 0.f;
                store(job.out + at.place(t), x.z ? out * z * sigmoid(z) : out);
            }
        }
        if (READOUT) store(job.out + at.own(), pool);
    }
    __syncthreads();
    if (job.h_last) at.give(job.h_last, segment, tile.h, at.n);
    if (READOUT) at.give(job.k, segment, tile.a, at.n);
}

// Sums 2 HALF values over the lanes of a warp; the lane keeps the sum of value `lane % (2 HALF)`.
template <int HALF> __device__ __forceinline__ void sum_lanes(float (&v)[32], int lane) {
    const bool high = lane & HALF;
    #pragma unroll
    for (int i = 0; i < HALF; ++i) v[i] = (high ? v[i + HALF] : v[i]) + exchange(high ? v[i] : v[i + HALF], HALF);
    if constexpr (HALF > 1) sum_lanes<HALF / 2>(v, lane);
}

template <bool READOUT> struct ShortTile { using Type = ShortBackward; };
template <> struct ShortTile<true> { using Type = ShortReadout; };
__device__ __forceinline__ Rows& rows_of_k(ShortReadout& tile) { return tile.k; }
__device__ __forceinline__ Rows& rows_of_k(ShortBackward& tile) { return tile.g; }

template <typename T, bool READOUT>
__device__ __forceinline__ void scan_short_backward(const Backward<T>& job, typename ShortTile<READOUT>::Type& tile) {
    const Inputs<T>& x = job.x;
    const ShortSeat at(x);
    if (!at.inside(x)) return;
    const size_t segment = (size_t)at.segment * at.e;
    at.take(tile.a, x.a, 0);
    at.take(tile.h, x.h0, segment);
    at.take(tile.g, job.h_last, segment);
    if (READOUT) at.take(rows_of_k(tile), job.k, segment);
    short_rows(x, at, tile.b, tile.c);
    // weight: y', or of a read-out w; channels behind the last one change nothing.
    float dt[SHORT], input[SHORT], weight[SHORT], y[SHORT] = {}, q[SHORT] = {}, r[SHORT] = {};
    short_steps(x, at, dt, input);
    const float pool = READOUT && job.out ? load(job.out + at.own()) : 0.f;
    #pragma unroll
    for (int t = 0; t < SHORT; ++t) if (t < at.length) {
        const float z = x.z ? load(x.z + at.place(t)) : 0.f;
        weight[t] = READOUT ? z : job.out ? load(job.out + at.place(t)) : 0.f;
        if (!READOUT && x.z) weight[t] *= z * sigmoid(z);
        if (!at.real()) weight[t] = input[t] = 0.f;
    }
    __syncthreads();
    if (at.works()) {
        const int row = min(at.thread, at.channels - 1);
        #pragma unroll 1
        for (int n = 0; n < at.n; ++n) {
            const float a = tile.a(row, n) * LOG2_E, k = READOUT ? rows_of_k(tile)(row, n) : 0.f;
            float h = tile.h(row, n), g = tile.g(row, n), time = 0.f, later = 0.f, da = 0.f;
            float before[SHORT], decay[SHORT], kept[SHORT], v[32] = {};
            #pragma unroll
            for (int t = 0; t < SHORT; ++t) if (t < at.length) {
                decay[t] = exp2_fast(dt[t] * a);
                before[t] = h;
                h = fmaf(decay[t], h, input[t] * tile.b[t][n]);
                if (READOUT) {
                    time += dt[t];
                    kept[t] = k * exp2_fast(time * a);
                }
                const float met = READOUT ? fmaf(pool, h, kept[t]) : h;
                y[t] = fmaf(met, tile.c[t][n], y[t]);
                v[SHORT + t] = weight[t] * met;
            }
            #pragma unroll
            for (int t = SHORT - 1; t >= 0; --t) if (t < at.length) {
                g = fmaf(READOUT ? weight[t] * pool : weight[t], tile.c[t][n], g);
                v[t] = g * input[t];
                q[t] = fmaf(g, tile.b[t][n], q[t]);
                g *= decay[t];
                float m = g * before[t];
                if (READOUT) {
                    later = fmaf(weight[t] * tile.c[t][n], kept[t], later);
                    m += later;
                }
                r[t] = fmaf(a, m, r[t]);
                da = fmaf(dt[t], m, da);
            }
            sum_lanes<16>(v, at.lane);
            tile.sums[at.warp][n][at.lane ^ n] = v[0];
            __syncwarp();  // lanes behind the last channel read its row
            if (at.real()) {
                tile.h(at.thread, n) = da;
                tile.g(at.thread, n) = g;
            }
        }
        const float skip = x.d ? x.d[at.channel] : 0.f;
        float dskip = 0.f, dbias = 0.f;
        #pragma unroll
        for (int t = 0; t < SHORT; ++t) if (t < at.length && at.real()) {
            const unsigned to = at.place(t);
            const float u = load(x.u + to), dy = READOUT ? weight[t] * pool : weight[t];
            if (READOUT) store(job.dz + to, fmaf(pool * skip, u, y[t]));
            else if (x.z) {
                const float z = load(x.z + to), s = sigmoid(z), out = job.out ? load(job.out + to) : 0.f;
                store(job.dz + to, out * fmaf(skip, u, y[t]) * s * fmaf(z, 1.f - s, 1.f));
            }
            store(job.du + to, fmaf(dt[t], q[t], skip * dy));
            const float ddelta = fmaf(u, q[t], r[t] * LN_2) * one_minus_exp(dt[t]);
            store(job.ddelta + to, ddelta);
            dskip = fmaf(dy, u, dskip);
            dbias += ddelta;
        }
        if (at.real()) {
            if (x.d) job.skips[at.own()] = dskip;
            if (x.delta_bias) job.biases[at.own()] = dbias;
        }
    }
    __syncthreads();
    const int warps = (at.channels + 31) / 32;
    for (int i = at.thread; i < at.length * 32; i += THREADS) {
        const int t = i / 32, n = i % STATES, value = i % 32 - n + t;
        if (n >= at.n) continue;
        float sum = 0.f;
        for (int warp = 0; warp < warps; ++warp) sum += tile.sums[warp][n][value ^ n];
        job.tokens[((size_t)blockIdx.y * x.t + at.token(t)) * 2 * STATES + i % 32] = sum;
    }
    at.give(job.rates, segment, tile.h, STATES);
    if (job.dh0) at.give(job.dh0, segment, tile.g, at.n);
}
