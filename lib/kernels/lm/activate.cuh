// What lies between the products of the feed-forward part, in one pass: biases, GELU or SwiGLU, rounding.
// `lib/src/lm/engine/tensors/card/activate.rs` writes the struct.
#pragma once
#include "../number.cuh"

template <typename T> struct Activate {
    const float *up, *up_bias;      // (t, width), (width)
    const float *gate, *gate_bias;  // the same, or null: GELU
    T *out;                         // (t, width)
    long long t, width;
    double beta;                    // of SwiGLU: up · sigmoid(β · up) · gate
};

template <typename T> __device__ __forceinline__ void activate(const Activate<T>& job) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x, width = job.width, at = i % width;
    if (i >= job.t * width) return;
    const float up = job.up[i] + job.up_bias[at];
    float out;
    if (job.gate) {
        out = up * sigmoid((float)job.beta * up) * (job.gate[i] + job.gate_bias[at]);
    } else {
        out = 0.5f * up * (1.f + erff(up * 0.707106781f));
    }
    store(job.out + i, out);
}
