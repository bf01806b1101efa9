// Adds up what a backward left in parts, each sum in a fixed order by one thread: gradients by b and c over the tiles of
// channels, those by a, d and the bias over the segments.
#pragma once
#include "job.cuh"
#include "../number.cuh"

// Sums `count` numbers that lie `stride` apart.
__device__ __forceinline__ float sum_parts(const float* from, long long count, size_t stride) {
    float sum = 0.f;
    #pragma unroll 4
    for (long long i = 0; i < count; ++i) sum += from[i * stride];
    return sum;
}

// Blocks along x: first the tokens, then the rates, then the channels, each from a block of its own.
template <typename T> __device__ __forceinline__ void scan_finish(const Finish<T>& job) {
    constexpr int BLOCK = 128;
    const int width = job.n <= 16 ? 16 : 64;
    const long long tokens = job.t * job.n, rates = job.e * job.n;
    long long i = (long long)blockIdx.x * BLOCK + threadIdx.x;
    const long long first = (tokens + BLOCK - 1) / BLOCK * BLOCK, second = (rates + BLOCK - 1) / BLOCK * BLOCK;
    if (i < first) {
        if (i >= tokens) return;
        const long long t = i / job.n, n = i % job.n;
        const float* from = job.tokens + t * 2 * width + n;
        store(job.db + i, sum_parts(from, job.tiles, job.t * 2 * width));
        store(job.dc + i, sum_parts(from + width, job.tiles, job.t * 2 * width));
        return;
    }
    i -= first;
    if (i < second) {
        if (i < rates) job.da[i] = sum_parts(job.rates + i / job.n * width + i % job.n, job.s, job.e * width);
        return;
    }
    i -= second;
    if (i >= job.e) return;
    if (job.dd) job.dd[i] = sum_parts(job.skips + i, job.s, job.e);
    if (job.dbias) job.dbias[i] = sum_parts(job.biases + i, job.s, job.e);
}
