// Sums over the lanes of a warp in a fixed order: of several values at once, so that each exchange halves what is left.
#pragma once

constexpr unsigned ALL = 0xffffffffu;

__device__ __forceinline__ float exchange(float x, int by) { return __shfl_xor_sync(ALL, x, by); }

// Sums over the LANES lanes that share four channels; the lane keeps the sum of channel `lane % 4`.
template <int LANES> __device__ __forceinline__ float sum_states(const float (&v)[4], int lane) {
    const bool two = lane & 2, one = lane & 1;
    const float a = (two ? v[2] : v[0]) + exchange(two ? v[0] : v[2], 2);
    const float b = (two ? v[3] : v[1]) + exchange(two ? v[1] : v[3], 2);
    float sum = (one ? b : a) + exchange(one ? a : b, 1);
    #pragma unroll
    for (int by = 4; by < LANES; by *= 2) sum += exchange(sum, by);
    return sum;
}

// Sums over the lanes of a warp that hold the same four states, and leaves the sums at `to[0..4]`.
template <int LANES> __device__ __forceinline__ void sum_channels(float* to, const float (&v)[4], int lane) {
    const bool high = lane & 16;
    if (LANES == 16) {
        // Halved sums would lie two apart, in the same banks.
        const float4 sum = make_float4(v[0] + exchange(v[0], 16), v[1] + exchange(v[1], 16), v[2] + exchange(v[2], 16), v[3] + exchange(v[3], 16));
        if (!high) *(float4*)to = sum;
        return;
    }
    const float a = (high ? v[2] : v[0]) + exchange(high ? v[0] : v[2], 16);
    const float b = (high ? v[3] : v[1]) + exchange(high ? v[1] : v[3], 16);
    const bool low = lane & 8;
    float sum = (low ? b : a) + exchange(low ? a : b, 8);
    if (LANES == 4) sum += exchange(sum, 4);
    if (LANES == 8 || !(lane & 4)) to[(high ? 2 : 0) + (low ? 1 : 0)] = sum;
}
