// Causal convolution of packed sequences, channel by channel, with silu: forward, and backward in three launches. One
// struct serves all; `lib/src/nn/ops/conv/card.rs` writes it.
//
// Letters: t packed tokens, e channels, w taps. Everything is row-major without gaps.
#pragma once
#include "../number.cuh"

template <typename T> struct Conv {
    const T *x;                        // (t, e)
    const T *weight;                   // (e, w): the last tap meets the token itself
    const T *bias;                     // (e)
    const T *grad;                     // (t, e): by the output
    const unsigned *owners, *offsets;  // segment of each token (t), bounds of the segments (s + 1)
    float *taps;                       // (w, e): row k meets the token k steps back
    float *slope;                      // (t, e): gradient by the sums before silu
    float *parts;                      // (tiles, w + 1, e): sums of each tile of tokens, by the taps and the bias
    T *out, *dx;                       // (t, e)
    T *dweight, *dbias;                // (e, w), (e)
    long long t, e, w, tiles, steps, reverse;
};

__device__ __forceinline__ unsigned place() { return blockIdx.x * THREADS + threadIdx.x; }

// The segment of a token, and steps within it in the direction of reading.
struct Walk {
    int begin, end, at, back;
    template <typename T> __device__ __forceinline__ Walk(const Conv<T>& job, int at) : at(at), back(job.reverse ? 1 : -1) {
        const unsigned owner = job.owners[at];
        begin = job.offsets[owner];
        end = job.offsets[owner + 1];
    }
    // The token some steps before, or after for a negative number; outside the segment, -1.
    __device__ __forceinline__ int before(int steps) const {
        const int from = at + back * steps;
        return from >= begin && from < end ? from : -1;
    }
};

// Turns the weight, so that neighbouring threads read neighbouring numbers.
template <typename T> __device__ __forceinline__ void conv_taps(const Conv<T>& job) {
    const unsigned i = place(), w = job.w;
    if (i < job.e * w) job.taps[(w - 1 - i % w) * job.e + i / w] = load(job.weight + i);
}

// The value before silu of one token and channel.
template <typename T> __device__ __forceinline__ float conv_sum(const Conv<T>& job, const Walk& walk, int c) {
    const int e = job.e, w = job.w;
    float sum = load(job.bias + c);
    for (int k = 0; k < w; ++k) {
        const int from = walk.before(k);
        if (from < 0) break;
        sum = fmaf(load(job.x + from * e + c), job.taps[k * e + c], sum);
    }
    return sum;
}

template <typename T> __device__ __forceinline__ void conv_forward(const Conv<T>& job) {
    const unsigned i = place(), e = job.e;
    if (i >= job.t * e) return;
    const float sum = conv_sum(job, Walk(job, i / e), i % e);
    store(job.out + i, sum * sigmoid(sum));
}

template <typename T> __device__ __forceinline__ void conv_slope(const Conv<T>& job) {
    const unsigned i = place(), e = job.e;
    if (i >= job.t * e) return;
    const float sum = conv_sum(job, Walk(job, i / e), i % e), s = sigmoid(sum);
    job.slope[i] = load(job.grad + i) * s * fmaf(sum, 1.f - s, 1.f);
}

// Blocks along x: first the gradient by the tokens, then, from a block of its own, the sums of each tile.
template <typename T> __device__ __forceinline__ void conv_gradient(const Conv<T>& job) {
    const int e = job.e, w = job.w;
    const unsigned tokens = job.t * e, first = (tokens + THREADS - 1) / THREADS * THREADS;
    unsigned i = place();
    if (i < first) {
        if (i >= tokens) return;
        const Walk walk(job, i / e);
        const int c = i % e;
        float sum = 0.f;
        for (int k = 0; k < w; ++k) {
            const int to = walk.before(-k);
            if (to < 0) break;
            sum = fmaf(job.slope[to * e + c], job.taps[k * e + c], sum);
        }
        store(job.dx + i, sum);
        return;
    }
    i -= first;
    if (i >= job.tiles * (w + 1) * e) return;
    const int c = i % e, k = i / e % (w + 1), tile = i / e / (w + 1);
    const int end = min(job.t, (tile + 1) * job.steps);
    float sum = 0.f;
    for (int at = tile * job.steps; at < end; ++at) {
        const float g = job.slope[at * e + c];
        if (k == w) {
            sum += g;
        } else {
            const int from = Walk(job, at).before(k);
            if (from >= 0) sum = fmaf(g, load(job.x + from * e + c), sum);
        }
    }
    job.parts[i] = sum;
}

// Adds the tiles up, in their order. Blocks along x: first the taps, then, from a block of its own, the bias.
template <typename T> __device__ __forceinline__ void conv_finish(const Conv<T>& job) {
    const int e = job.e, w = job.w;
    const unsigned taps = e * w, first = (taps + THREADS - 1) / THREADS * THREADS;
    unsigned i = place();
    const bool bias = i >= first;
    if (bias ? i - first >= e : i >= taps) return;
    if (bias) i -= first;
    const int row = bias ? w : w - 1 - i % w, c = bias ? i : i / w;
    float sum = 0.f;
    #pragma unroll 4
    for (int tile = 0; tile < job.tiles; ++tile) sum += job.parts[((size_t)tile * (w + 1) + row) * e + c];
    store(bias ? job.dbias + i : job.dweight + i, sum);
}
