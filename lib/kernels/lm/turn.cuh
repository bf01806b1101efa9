// What products give of queries, keys and values, made ready for attention in one pass: biases, rotary positions in
// halves, the scale of scores, rounding. `lib/src/lm/engine/tensors/card/turn.rs` writes the struct.
#pragma once
#include "../ops/four.cuh"

template <typename T> struct Turn {
    const float *x[3];          // (t, heads · width): products of queries, keys, values
    const float *bias[3];       // (heads · width), or null
    const float *cos, *sin;     // (longest, width / 2)
    const unsigned *positions;  // (t): of each token in its segment
    T *to[3];                   // (t, heads, padded): zeros behind the width
    long long t, heads, width, padded;
    double scale;               // of queries
};

// Four features of a head that are turned by themselves, from `first` on in each half; fewer at the end of the halves.
template <typename T> __device__ __forceinline__ void turn_four(const Turn<T>& job, unsigned token, unsigned head, unsigned first) {
    const unsigned width = job.width, half = width / 2, own = head * width;
    const float* x = job.x[blockIdx.z] + (size_t)token * job.heads * width + own;
    float low[4], high[4];
    load_four(low, x, half, first);
    load_four(high, x + half, half, first);
    if (const float* bias = job.bias[blockIdx.z]) {
        float more[4];
        load_four(more, bias + own, half, first);
        #pragma unroll
        for (int i = 0; i < 4; ++i) low[i] += more[i];
        load_four(more, bias + own + half, half, first);
        #pragma unroll
        for (int i = 0; i < 4; ++i) high[i] += more[i];
    }
    if (blockIdx.z < 2) {
        float cos[4], sin[4];
        const size_t angles = (size_t)job.positions[token] * half;
        load_four(cos, job.cos + angles, half, first);
        load_four(sin, job.sin + angles, half, first);
        const float scale = blockIdx.z == 0 ? (float)job.scale : 1.f;
        #pragma unroll
        for (int i = 0; i < 4; ++i) {
            const float a = low[i], b = high[i];
            low[i] = fmaf(b, -sin[i], a * cos[i]) * scale;
            high[i] = fmaf(a, sin[i], b * cos[i]) * scale;
        }
    }
    T* to = job.to[blockIdx.z] + ((size_t)token * job.heads + head) * job.padded;
    store_four(to, half, first, low);
    store_four(to + half, half, first, high);
}

// A thread has four features of each half of a head of a token, or what lies behind the width; blocks along z: queries,
// keys, values.
template <typename T> __device__ __forceinline__ void turn(const Turn<T>& job) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x, heads = job.heads, half = (unsigned)job.width / 2, fours = (half + 3) / 4;
    if (i >= job.t * heads * fours) return;
    const unsigned four = i % fours, head = i / fours % heads, token = i / fours / heads;
    turn_four(job, token, head, four * 4);
    T* to = job.to[blockIdx.z] + ((size_t)token * heads + head) * job.padded;
    for (unsigned at = job.width + four; at < job.padded; at += fours) store(to + at, 0.f);
}
