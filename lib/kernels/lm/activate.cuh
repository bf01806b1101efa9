// What lies between the products of the feed-forward part, in one pass: biases, GELU or SwiGLU, rounding.
// `lib/src/lm/engine/tensors/card/activate.rs` writes the struct.
#pragma once
#include "../ops/four.cuh"

template <typename T> struct Activate {
    const float *up, *up_bias;      // (t, width), (width)
    const float *gate, *gate_bias;  // the same, or null: GELU
    T *out;                         // (t, width)
    long long t, width;
    double beta;                    // of SwiGLU: up · sigmoid(β · up) · gate
};

// Four numbers of a row with their biases.
__device__ __forceinline__ void biased_four(float (&to)[4], const float* row, const float* bias, unsigned width, unsigned first) {
    float more[4];
    load_four(to, row, width, first);
    load_four(more, bias, width, first);
    #pragma unroll
    for (int i = 0; i < 4; ++i) to[i] += more[i];
}

// A thread has four numbers of a row.
template <typename T> __device__ __forceinline__ void activate(const Activate<T>& job) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x, width = job.width, fours = (width + 3) / 4;
    if (i >= job.t * fours) return;
    const unsigned first = i % fours * 4;
    const size_t row = (size_t)(i / fours) * width;
    float up[4], out[4];
    biased_four(up, job.up + row, job.up_bias, width, first);
    if (job.gate) {
        float gate[4];
        biased_four(gate, job.gate + row, job.gate_bias, width, first);
        #pragma unroll
        for (int k = 0; k < 4; ++k) out[k] = up[k] * sigmoid((float)job.beta * up[k]) * gate[k];
    } else {
        #pragma unroll
        for (int k = 0; k < 4; ++k) out[k] = 0.5f * up[k] * (1.f + erff(up[k] * 0.707106781f));
    }
    store_four(job.out + row, width, first, out);
}
