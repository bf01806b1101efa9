// Random numbers as `lib/src/rng.rs` draws them on the CPU: words of ChaCha8 (Bernstein 2008) by their place in the stream,
// so that no number depends on who draws it, nor on what is drawn beside it. `lib/src/nn/ops/draw/card.rs` writes the struct.
//
// A thread makes one block of 16 words; they change places in shared memory, so that a warp writes a row. A group of 128
// threads serves 127 blocks' worth of numbers, as the first of them may stand anywhere in a block.
#pragma once
#include "../number.cuh"

constexpr int BLOCK = 16, SERVED = (THREADS - 1) * BLOCK;

template <typename T> struct Draw {
    T* to;
    unsigned long long key[4];
    long long first, count;      // place of the first word; how many numbers
    long long limit;             // of a mask: words below are dropped
    double kept;                 // of a mask: what stands where nothing is dropped
};

__device__ __forceinline__ void quarter(unsigned& a, unsigned& b, unsigned& c, unsigned& d) {
    a += b; d ^= a; d = d << 16 | d >> 16;
    c += d; b ^= c; b = b << 12 | b >> 20;
    a += b; d ^= a; d = d << 8 | d >> 24;
    c += d; b ^= c; b = b << 7 | b >> 25;
}

// Where a word of the group lies: no two lanes of a warp meet in a bank, whether they write blocks or read rows.
__device__ __forceinline__ unsigned place(unsigned word) { return word ^ (word / (2 * BLOCK) % BLOCK); }

// Makes the words of the group; the first number of the group is the word that is returned.
template <typename T> __device__ __forceinline__ unsigned make_words(const Draw<T>& job, unsigned* words) {
    const unsigned long long first = job.first + (unsigned long long)blockIdx.x * SERVED, block = first / BLOCK + threadIdx.x;
    const unsigned start[BLOCK] = {
        0x61707865, 0x3320646e, 0x79622d32, 0x6b206574,
        (unsigned)job.key[0], (unsigned)(job.key[0] >> 32), (unsigned)job.key[1], (unsigned)(job.key[1] >> 32),
        (unsigned)job.key[2], (unsigned)(job.key[2] >> 32), (unsigned)job.key[3], (unsigned)(job.key[3] >> 32),
        (unsigned)block, (unsigned)(block >> 32), 0, 0,
    };
    unsigned x[BLOCK];
    #pragma unroll
    for (int i = 0; i < BLOCK; ++i) x[i] = start[i];
    #pragma unroll 1
    for (int round = 0; round < 8; round += 2) {
        quarter(x[0], x[4], x[8], x[12]);
        quarter(x[1], x[5], x[9], x[13]);
        quarter(x[2], x[6], x[10], x[14]);
        quarter(x[3], x[7], x[11], x[15]);
        quarter(x[0], x[5], x[10], x[15]);
        quarter(x[1], x[6], x[11], x[12]);
        quarter(x[2], x[7], x[8], x[13]);
        quarter(x[3], x[4], x[9], x[14]);
    }
    #pragma unroll
    for (int i = 0; i < BLOCK; ++i) words[place(threadIdx.x * BLOCK + i)] = x[i] + start[i];
    __syncthreads();
    return first % BLOCK;
}

// How many numbers the group serves.
template <typename T> __device__ __forceinline__ unsigned served(const Draw<T>& job) {
    return (unsigned)min(job.count - (long long)blockIdx.x * SERVED, (long long)SERVED);
}

// A mask of dropout: 0 for a share of the numbers, what makes up for them for all others.
template <typename T> __device__ __forceinline__ void dropout(const Draw<T>& job) {
    __shared__ unsigned words[THREADS * BLOCK];
    const unsigned first = make_words(job, words), count = served(job);
    T* to = job.to + (size_t)blockIdx.x * SERVED;
    for (unsigned i = threadIdx.x; i < count; i += THREADS)
        store(to + i, words[place(first + i)] < (unsigned)job.limit ? 0.f : (float)job.kept);
}

// ln x for normal x > 0, to the last bits of a double: 2 atanh of (m - 1) / (m + 1), with x = m 2^e.
__device__ __forceinline__ double logarithm(float x) {
    const int bits = __float_as_int(x), e = (bits - 0x3f3504f3) >> 23;
    const double m = __int_as_float(bits - e * (1 << 23)), s = (m - 1.) / (m + 1.), w = s * s;
    double sum = 0.;
    #pragma unroll
    for (int k = 21; k > 0; k -= 2) sum = fma(sum, w, 1. / k);
    return fma((double)e, 0.693147180559945309, 2. * s * sum);
}

// Sine and cosine of an angle in [0, 2 pi], likewise, from their series within an eighth of a turn.
__device__ __forceinline__ void sine_cosine(double angle, double& sine, double& cosine) {
    const int quarters = __double2int_rn(angle * 0.636619772367581343);
    const double x = fma((double)quarters, -1.57079632679489662, angle), w = x * x;
    double s = 0., c = 0.;
    #pragma unroll
    for (int k = 17; k > 1; k -= 2) {
        s = (1. + s) * (w * (-1. / (k * (k - 1))));
        c = (1. + c) * (w * (-1. / ((k - 1) * (k - 2))));
    }
    s = fma(x, s, x);
    c = 1. + c;
    sine = quarters & 1 ? c : s;
    cosine = quarters & 1 ? s : c;
    if (quarters & 2) sine = -sine;
    if ((quarters + 1) & 2) cosine = -cosine;
}

// Standard normal numbers, two from two words (Box and Muller 1958).
template <typename T> __device__ __forceinline__ void normal(const Draw<T>& job) {
    __shared__ unsigned words[THREADS * BLOCK];
    const unsigned first = make_words(job, words), count = served(job);
    for (unsigned i = 2 * threadIdx.x; i < count; i += 2 * THREADS) {
        unsigned &one = words[place(first + i)], &two = words[place(first + i + 1)];
        const float share = (float)(((double)one + 1.) * (1. / 4294967296.));
        const float angle = (float)(two >> 8) * (6.28318530717958648f / 16777216.f);
        const float radius = sqrtf(-2.f * (float)logarithm(share));
        double sine, cosine;
        sine_cosine(angle, sine, cosine);
        one = __float_as_uint(radius * (float)cosine);
        two = __float_as_uint(radius * (float)sine);
    }
    __syncthreads();
    T* to = job.to + (size_t)blockIdx.x * SERVED;
    for (unsigned i = threadIdx.x; i < count; i += THREADS) store(to + i, __uint_as_float(words[place(first + i)]));
}
