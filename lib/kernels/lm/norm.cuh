// Residual sum and layer norm of rows in one pass: x + (product + bias), normalised, rounded for the next product.
// `lib/src/lm/engine/tensors/card/norm.rs` writes the struct.
#pragma once
#include "../ops/four.cuh"

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

// A warp has a row, which waits in shared memory; each lane reads there only what it wrote, four numbers at a time.
template <typename T> __device__ __forceinline__ void norm(const Norm<T>& job) {
    extern __shared__ float4 rows[];
    const unsigned row = blockIdx.x * (THREADS / 32) + threadIdx.x / 32, lane = threadIdx.x % 32, width = job.width;
    if (row >= job.t) return;
    const unsigned fours = (width + 3) / 4;
    const size_t first = (size_t)row * width;
    float4* own = rows + threadIdx.x / 32 * fours;
    float sum = 0.f;
    #pragma unroll 2
    for (unsigned four = lane; four < fours; four += 32) {
        float x[4];
        load_four(x, job.x + first, width, four * 4);
        if (job.product) {
            float more[4], bias[4] = {};
            load_four(more, job.product + first, width, four * 4);
            if (job.bias) load_four(bias, job.bias, width, four * 4);
            #pragma unroll
            for (int i = 0; i < 4; ++i) x[i] += more[i] + bias[i];
        }
        if (job.sum) store_four(job.sum + first, width, four * 4, x);
        own[four] = make_float4(x[0], x[1], x[2], x[3]);
        sum += (x[0] + x[1]) + (x[2] + x[3]);
    }
    const float mean = of_warp(sum) / width;
    float squares = 0.f;
    for (unsigned four = lane; four < fours; four += 32) {
        const float4 v = own[four];
        const float x[4] = {v.x, v.y, v.z, v.w};
        #pragma unroll
        for (unsigned i = 0; i < 4; ++i) {
            const float from_mean = four * 4 + i < width ? x[i] - mean : 0.f;
            squares = fmaf(from_mean, from_mean, squares);
        }
    }
    const float scale = 1.f / sqrtf(of_warp(squares) / width + (float)job.epsilon);
    #pragma unroll 2
    for (unsigned four = lane; four < fours; four += 32) {
        const float4 v = own[four];
        float x[4] = {v.x, v.y, v.z, v.w}, weight[4], shift[4];
        load_four(weight, job.weight, width, four * 4);
        load_four(shift, job.shift, width, four * 4);
        #pragma unroll
        for (int i = 0; i < 4; ++i) x[i] = fmaf((x[i] - mean) * scale, weight[i], shift[i]);
        if (job.out) store_four(job.out + first, width, four * 4, x);
        if (job.rounded) store_four(job.rounded + first, width, four * 4, x);
    }
}
