// Residual sum and layer norm of rows in one pass: x + (product + bias), normalised, rounded for the next product.
// `lib/src/lm/engine/tensors/card/norm.rs` writes the struct.
#pragma once
#include "../number.cuh"

template <typename T> struct Norm {
    const float *x;               // (t, width)
    const float *product, *bias;  // (t, width), (width): to be added, or null
    const float *weight, *shift;  // (width)
    float *sum;                   // (t, width): x with what is added, or null
    float *out;                   // (t, width): the normalised rows, or null
    T *rounded;                   // (t, width): the same, rounded, or null
    long long t, width;
    double epsilon;
};

__device__ __forceinline__ float of_warp(float x) {
    #pragma unroll
    for (int by = 16; by > 0; by /= 2) x += __shfl_xor_sync(0xffffffffu, x, by);
    return x;
}

// A warp has a row, which waits in shared memory; each lane reads there only what it wrote.
template <typename T> __device__ __forceinline__ void norm(const Norm<T>& job) {
    extern __shared__ float rows[];
    const unsigned row = blockIdx.x * (THREADS / 32) + threadIdx.x / 32, lane = threadIdx.x % 32, width = job.width;
    if (row >= job.t) return;
    const size_t first = (size_t)row * width;
    float *own = rows + threadIdx.x / 32 * width, sum = 0.f;
    for (unsigned i = lane; i < width; i += 32) {
        float x = job.x[first + i];
        if (job.product) x += job.product[first + i] + (job.bias ? job.bias[i] : 0.f);
        if (job.sum) job.sum[first + i] = x;
        own[i] = x;
        sum += x;
    }
    const float mean = of_warp(sum) / width;
    float squares = 0.f;
    for (unsigned i = lane; i < width; i += 32) {
        const float x = own[i] - mean;
        squares = fmaf(x, x, squares);
    }
    const float scale = 1.f / sqrtf(of_warp(squares) / width + (float)job.epsilon);
    for (unsigned i = lane; i < width; i += 32) {
        const float x = fmaf((own[i] - mean) * scale, job.weight[i], job.shift[i]);
        if (job.out) job.out[first + i] = x;
        if (job.rounded) store(job.rounded + first + i, x);
    }
}
