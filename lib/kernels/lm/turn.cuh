// What products give of queries, keys and values, made ready for attention in one pass: biases, rotary positions in
// halves, the scale of scores, rounding. `lib/src/lm/engine/tensors/card/turn.rs` writes the struct.
#pragma once
#include "../number.cuh"

template <typename T> struct Turn {
    const float *x[3];          // (t, heads · width): products of queries, keys, values
    const float *bias[3];       // (heads · width), or null
    const float *cos, *sin;     // (longest, width / 2)
    const unsigned *positions;  // (t): of each token in its segment
    T *to[3];                   // (t, heads, padded): zeros behind the width
    long long t, heads, width, padded;
    double scale;               // of queries
};

// A thread has one feature of a head of a token; blocks along z: queries, keys, values.
template <typename T> __device__ __forceinline__ void turn(const Turn<T>& job) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x, padded = job.padded, width = job.width, heads = job.heads;
    if (i >= job.t * heads * padded) return;
    const unsigned at = i % padded, head = i / padded % heads, token = i / padded / heads, half = width / 2;
    const float *x = job.x[blockIdx.z], *bias = job.bias[blockIdx.z];
    float out = 0.f;
    if (at < width) {
        const unsigned own = head * width + at, first = token * heads * width;
        out = x[first + own] + (bias ? bias[own] : 0.f);
        if (blockIdx.z < 2) {
            const unsigned other = at < half ? own + half : own - half, angle = job.positions[token] * half + at % half;
            const float beside = x[first + other] + (bias ? bias[other] : 0.f), s = job.sin[angle];
            out = fmaf(beside, at < half ? -s : s, out * job.cos[angle]);
        }
        if (blockIdx.z == 0) out *= (float)job.scale;
    }
    store(job.to[blockIdx.z] + i, out);
}
