// The read-out of one molecule of a pair times the state of the other, summed over the states; and the gradients, for each
// molecule over the pairs that use it, in their order. `lib/src/nn/ops/contract/card.rs` writes the structs.
//
// Letters: b pairs, s molecules, e channels, n states. Everything is row-major without gaps.
#pragma once
#include "../number.cuh"
#include "four.cuh"

constexpr int DIRECTIONS = 4;

template <typename T> struct Contract {
    const T *k[DIRECTIONS], *h[DIRECTIONS];  // (s, e, n) of one side, (s', e, n) of the other
    const unsigned *taker, *giver;           // (b): the molecules of a pair
    T *out;                                  // (b, e)
    long long directions, pairs, e, n;
};

// Four lanes share a channel of a pair, each with four states at a time.
template <typename T> __device__ __forceinline__ void contract(const Contract<T>& job) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x, e = job.e, n = job.n, total = job.pairs * e;
    // Past the last one, the last: all lanes take part in the sums.
    const unsigned own = min(i / 4, total - 1), pair = own / e, c = own % e;
    const size_t k = ((size_t)job.taker[pair] * e + c) * n, h = ((size_t)job.giver[pair] * e + c) * n;
    float sum = 0.f;
    for (int direction = 0; direction < job.directions; ++direction) {
        for (unsigned state = i % 4 * 4; state < n; state += 16) {
            float a[4], b[4];
            load_four(a, job.k[direction] + k, n, state);
            load_four(b, job.h[direction] + h, n, state);
            #pragma unroll
            for (int j = 0; j < 4; ++j) sum = fmaf(a[j], b[j], sum);
        }
    }
    sum += __shfl_xor_sync(0xffffffffu, sum, 1);
    sum += __shfl_xor_sync(0xffffffffu, sum, 2);
    if (i % 4 == 0 && i / 4 < total) store(job.out + own, sum);
}

// The gradient by one factor.
template <typename T> struct Factor {
    const T *other, *grad;             // the other factor (s', e, n), the gradient by the output (b, e)
    const unsigned *at_other;          // (b): the molecule of the other factor
    const unsigned *first, *users;     // (bound + 1), (b): the pairs of each molecule
    T *out;                            // (s, e, n)
    long long molecules, bound, e, n;  // molecules from the bound on are in no pair
};

// Factors of one launch, one per block along z. `contract::card::FACTORS` is the same number.
constexpr int FACTORS = 2 * DIRECTIONS;
template <typename T> struct Factors { Factor<T> factor[FACTORS]; };

// A thread has four states of one channel of one molecule.
template <typename T> __device__ __forceinline__ void contract_gradient(const Factor<T>& job) {
    const unsigned i = blockIdx.x * THREADS + threadIdx.x, e = job.e, n = job.n, quads = (n + 3) / 4;
    if (i >= job.molecules * e * quads) return;
    const unsigned state = i % quads * 4, c = i / quads % e, molecule = i / quads / e;
    float sum[4] = {0.f, 0.f, 0.f, 0.f};
    if (molecule < job.bound) {
        const unsigned end = job.first[molecule + 1];
        for (unsigned user = job.first[molecule]; user < end; ++user) {
            const unsigned pair = job.users[user];
            const float g = load(job.grad + (size_t)pair * e + c);
            float other[4];
            load_four(other, job.other + ((size_t)job.at_other[pair] * e + c) * n, n, state);
            #pragma unroll
            for (int j = 0; j < 4; ++j) sum[j] = fmaf(g, other[j], sum[j]);
        }
    }
    store_four(job.out + ((size_t)molecule * e + c) * n, n, state, sum);
}
