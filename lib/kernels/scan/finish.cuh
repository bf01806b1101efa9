// Adds up what a backward left in parts, each sum in a fixed order: gradients by b and c over the tiles of channels by one
// thread, those by a, d and the bias over the segments by several, as there may be many.
#pragma once
#include "job.cuh"
#include "../number.cuh"

// Threads of a block, those of one sum over the segments, and the sums of a block: rows of 8 numbers are whole sectors.
constexpr int FINISH = 128, SHARES = 16, SUMS = FINISH / SHARES;

// Sums `count` numbers that lie `stride` apart.
__device__ __forceinline__ float sum_parts(const float* from, long long count, size_t stride) {
    float sum = 0.f;
    #pragma unroll 4
    for (long long i = 0; i < count; ++i) sum += from[i * stride];
    return sum;
}

// The same by the threads of one sum, every SHARES-th number each; the first of them has the sum. For all threads of a block.
__device__ __forceinline__ float sum_shared(const float* from, long long count, size_t stride, float (&shares)[SHARES][SUMS]) {
    const int share = threadIdx.x / SUMS, own = threadIdx.x % SUMS;
    shares[share][own] = share < count ? sum_parts(from + share * stride, (count - share + SHARES - 1) / SHARES, stride * SHARES) : 0.f;
    __syncthreads();
    float sum = 0.f;
    if (share == 0) {
        #pragma unroll
        for (int i = 0; i < SHARES; ++i) sum += shares[i][own];
    }
    __syncthreads();
    return sum;
}

// Blocks along x: first the tokens, a thread each, then the rates and then the channels, `SUMS` of them a block.
template <typename T> __device__ __forceinline__ void scan_finish(const Finish<T>& job, float (&shares)[SHARES][SUMS]) {
    const int width = job.n <= 16 ? 16 : 64;
    const long long tokens = job.t * job.n, rates = job.e * job.n;
    const long long first = (tokens + FINISH - 1) / FINISH, second = (rates + SUMS - 1) / SUMS;
    long long block = blockIdx.x;
    if (block < first) {
        const long long i = block * FINISH + threadIdx.x;
        if (i >= tokens) return;
        const long long t = i / job.n, n = i % job.n;
        const float* from = job.tokens + t * 2 * width + n;
        store(job.db + i, sum_parts(from, job.tiles, job.t * 2 * width));
        store(job.dc + i, sum_parts(from + width, job.tiles, job.t * 2 * width));
        return;
    }
    block -= first;
    const bool writes = threadIdx.x < SUMS;
    if (block < second) {
        const long long i = block * SUMS + threadIdx.x % SUMS, own = min(i, rates - 1);
        const float sum = sum_shared(job.rates + own / job.n * width + own % job.n, job.s, job.e * width, shares);
        if (writes && i < rates) job.da[i] = sum;
        return;
    }
    block -= second;
    const long long i = block * SUMS + threadIdx.x % SUMS, own = min(i, job.e - 1);
    if (block * SUMS >= job.e) return;
    if (job.dd) {
        const float sum = sum_shared(job.skips + own, job.s, job.e, shares);
        if (writes && i < job.e) job.dd[i] = sum;
    }
    if (job.dbias) {
        const float sum = sum_shared(job.biases + own, job.s, job.e, shares);
        if (writes && i < job.e) job.dbias[i] = sum;
    }
}
