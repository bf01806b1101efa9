// Copies of segments of rows to where pairs need them; the gradient of a row is summed over its copies, in their order.
// One struct serves both ways; `lib/src/nn/ops/gather/card.rs` writes it.
//
// A null pointer for bounds and owners: every segment is one row.
#pragma once
#include "../number.cuh"

template <typename T> struct Gather {
    const T *from;                     // rows of x, or of the gradient by the copies
    T *to;                             // rows of the copies, or of the gradient by x
    const unsigned *at;                // which segment each copy is of
    const unsigned *first, *users;     // the copies of each segment below the bound
    const unsigned *bounds, *owners;   // of the segments of x: their bounds, the segment of each row
    const unsigned *taken, *takers;    // the same of the copies
    long long rows, width, bound;      // rows of `to`
};

template <typename T> __device__ __forceinline__ void gather(const Gather<T>& job) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x, width = job.width;
    if (i >= job.rows * width) return;
    const unsigned row = i / width, copy = job.takers ? job.takers[row] : row, segment = job.at[copy];
    const unsigned within = row - (job.taken ? job.taken[copy] : copy);
    const unsigned from = (job.bounds ? job.bounds[segment] : segment) + within;
    job.to[i] = job.from[(size_t)from * width + i % width];
}

template <typename T> __device__ __forceinline__ void gather_gradient(const Gather<T>& job) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x, width = job.width;
    if (i >= job.rows * width) return;
    const unsigned row = i / width, segment = job.owners ? job.owners[row] : row;
    const unsigned within = job.bounds ? row - job.bounds[segment] : 0;
    float sum = 0.f;
    if (segment < job.bound) {
        const unsigned end = job.first[segment + 1];
        for (unsigned user = job.first[segment]; user < end; ++user) {
            const unsigned copy = job.users[user];
            const unsigned from = (job.taken ? job.taken[copy] : copy) + within;
            sum += load(job.from + (size_t)from * width + i % width);
        }
    }
    store(job.to + i, sum);
}
