// Scans forward: h = exp(dt a) h + dt u b, y = c h + d u, and the output is y silu(z). A read-out pools instead: the sum
// over all steps of w y, and K = sum of w c exp(a (time since the segment began)).
#pragma once
#include "sum.cuh"
#include "tile.cuh"

template <int N, bool READOUT> struct ForwardShared {
    using Cut = Tile<N, READOUT>;
    float dt[Cut::STEPS][Cut::CHANNELS], input[Cut::STEPS][Cut::CHANNELS], y[Cut::STEPS][Cut::CHANNELS];
    float b[Cut::STEPS][N], c[Cut::STEPS][N];
    float weight[READOUT ? Cut::STEPS : 1][READOUT ? Cut::CHANNELS : 4];
};

template <typename T, int N, bool READOUT> __device__ __forceinline__ void scan_forward(const Forward<T>& job, ForwardShared<N, READOUT>& tile) {
    using Cut = Tile<N, READOUT>;
    const Inputs<T>& x = job.x;
    const Seat<N, READOUT> at(x);
    if (!at.inside(x)) return;

    float h[4][4] = {}, a[4][4] = {}, k[4][4] = {}, time[4] = {};
    #pragma unroll
    for (int c = 0; c < 4; ++c) if (at.owns(c)) {
        load_states<N>(a[c], x.a, at.first + at.column + c, at.n, at.states);
        if (x.h0) load_states<N>(h[c], x.h0, (size_t)at.segment * at.e + at.first + at.column + c, at.n, at.states);
        #pragma unroll
        for (int i = 0; i < 4; ++i) a[c][i] *= LOG2_E;
    }
    const float bias = x.delta_bias ? x.delta_bias[at.staged()] : 0.f, skip = x.d ? x.d[at.staged()] : 0.f;
    float pool = 0.f;

    // The next tile is on its way while this one is computed.
    const T* z = x.z ? x.z : x.u;  // without a gate something is read all the same, as a branch would cost more
    float next_u[Cut::EACH] = {}, next_delta[Cut::EACH] = {}, next_z[Cut::EACH] = {};
    auto fetch = [&](int step) {
        #pragma unroll
        for (int i = 0; i < Cut::EACH; ++i) {
            const unsigned from = at.clamped(step + i * Cut::SLOTS + at.slot) * at.e + at.staged();
            next_u[i] = load(x.u + from);
            next_delta[i] = load(x.delta + from);
            next_z[i] = load(z + from);
        }
    };
    if (at.length) fetch(0);
    #pragma unroll 1
    for (int step = 0; step < at.length; step += Cut::STEPS) {
        const int steps = min(Cut::STEPS, at.length - step);
        if (job.states) {
            const size_t row = at.kept(step / Cut::STEPS) * at.e + at.first + at.column;
            #pragma unroll
            for (int c = 0; c < 4; ++c) if (at.owns(c)) store_states<N>(job.states, row + c, N, at.states, h[c]);
            if (READOUT && at.states < 16) {
                const int c = at.lane & 3;
                if (at.owns(c)) job.times[row + c] = c & 2 ? (c & 1 ? time[3] : time[2]) : (c & 1 ? time[1] : time[0]);
            }
        }
        float gate[Cut::EACH];
        #pragma unroll
        for (int i = 0; i < Cut::EACH; ++i) {
            const int t = i * Cut::SLOTS + at.slot;
            const float dt = softplus(next_delta[i] + bias);
            tile.dt[t][at.channel] = dt;
            tile.input[t][at.channel] = dt * next_u[i];
            tile.y[t][at.channel] = skip * next_u[i];
            if (READOUT) tile.weight[t][at.channel] = next_z[i];
            gate[i] = READOUT ? next_z[i] : x.z ? next_z[i] * sigmoid(next_z[i]) : 1.f;
        }
        stage_rows<T, N, READOUT>(x, at, step, tile.b, tile.c);
        __syncthreads();
        fetch(step + Cut::STEPS);
        if (at.live) {
            #pragma unroll 2
            for (int t = 0; t < steps; ++t) {
                float dt[4], input[4], b[4], c[4], y[4] = {}, w[4];
                load_four(dt, &tile.dt[t][at.column]);
                load_four(input, &tile.input[t][at.column]);
                load_four(b, &tile.b[t][at.states]);
                load_four(c, &tile.c[t][at.states]);
                if (READOUT) load_four(w, &tile.weight[t][at.column]);
                #pragma unroll
                for (int j = 0; j < 4; ++j) {
                    time[j] += dt[j];
                    #pragma unroll
                    for (int i = 0; i < 4; ++i) {
                        h[j][i] = fmaf(exp2_fast(dt[j] * a[j][i]), h[j][i], input[j] * b[i]);
                        y[j] = fmaf(h[j][i], c[i], y[j]);
                        if (READOUT) k[j][i] = fmaf(w[j] * c[i], exp2_fast(time[j] * a[j][i]), k[j][i]);
                    }
                }
                const float sum = sum_states<Cut::LANES>(y, at.lane);
                if (at.states < 16) tile.y[t][at.column + (at.lane & 3)] += sum;
            }
        }
        __syncthreads();
        #pragma unroll
        for (int i = 0; i < Cut::EACH; ++i) {
            const int t = i * Cut::SLOTS + at.slot;
            const float y = t < steps ? tile.y[t][at.channel] * gate[i] : 0.f;
            if (READOUT) pool += y;
            else if (t < steps && at.stages()) store(job.out + at.token(step + t) * at.e + at.first + at.channel, y);
        }
        // No barrier: what is staged next was last read before the barrier above, or by the same thread.
    }

    #pragma unroll
    for (int c = 0; c < 4; ++c) if (at.owns(c)) {
        const size_t row = (size_t)at.segment * at.e + at.first + at.column + c;
        if (job.h_last) store_states<N>(job.h_last, row, at.n, at.states, h[c]);
        if (READOUT) store_states<N>(job.k, row, at.n, at.states, k[c]);
    }
    if (READOUT) {
        if (Cut::SLOTS > 1) {
            __syncthreads();
            tile.dt[at.slot][at.channel] = pool;
            __syncthreads();
            pool = 0.f;
            #pragma unroll
            for (int slot = 0; slot < Cut::SLOTS; ++slot) pool += tile.dt[slot][at.channel];
        }
        if (at.slot == 0 && at.stages()) store(job.out + (size_t)at.segment * at.e + at.first + at.channel, pool);
    }
}
