// The kernels of the selective scan for one number: compiled once with NUMBER and NAME for each.
#include "scan/backward.cuh"
#include "scan/finish.cuh"
#include "scan/forward.cuh"
#include "scan/own.cuh"
#include "scan/short.cuh"
#include "scan/split.cuh"

#define JOIN2(a, b) a##_##b
#define JOIN(a, b) JOIN2(a, b)

extern "C" __global__ void __launch_bounds__(THREADS, 4) JOIN(scan_forward, JOIN(NAME, 16))(const __grid_constant__ Jobs<Forward<NUMBER>> jobs) {
    __shared__ __align__(16) OwnShared tile;
    scan_forward_own<NUMBER>(jobs.job[blockIdx.z], tile);
}

#define SCAN_FORWARD(N, READOUT, SUFFIX)                                                                                      \
    extern "C" __global__ void __launch_bounds__(THREADS, 3) JOIN(scan_forward, JOIN(NAME, SUFFIX))(const __grid_constant__ Jobs<Forward<NUMBER>> jobs) { \
        __shared__ __align__(16) ForwardShared<N, READOUT> tile;                                                               \
        scan_forward<NUMBER, N, READOUT>(jobs.job[blockIdx.z], tile);                                                          \
    }

SCAN_FORWARD(64, false, 64)
SCAN_FORWARD(16, true, readout_16)
SCAN_FORWARD(64, true, readout_64)

#define SCAN_BACKWARD(N, READOUT, SUFFIX)                                                                                     \
    extern "C" __global__ void __launch_bounds__(THREADS, 2) JOIN(scan_backward, JOIN(NAME, SUFFIX))(const __grid_constant__ Jobs<Backward<NUMBER>> jobs) { \
        extern __shared__ __align__(16) char bytes[];                                                                          \
        scan_backward<NUMBER, N, READOUT>(jobs.job[blockIdx.z], *(BackwardShared<N, READOUT>*)bytes);                          \
    }

SCAN_BACKWARD(16, false, 16)
SCAN_BACKWARD(64, false, 64)
SCAN_BACKWARD(16, true, readout_16)
SCAN_BACKWARD(64, true, readout_64)

#define SHORT_SCAN(READOUT, SUFFIX)                                                                                           \
    extern "C" __global__ void __launch_bounds__(THREADS) JOIN(scan_forward, JOIN(NAME, SUFFIX))(const __grid_constant__ Jobs<Forward<NUMBER>> jobs) { \
        __shared__ ShortForward tile;                                                                                          \
        scan_short_forward<NUMBER, READOUT>(jobs.job[blockIdx.z], tile);                                                       \
    }                                                                                                                          \
    extern "C" __global__ void __launch_bounds__(THREADS) JOIN(scan_backward, JOIN(NAME, SUFFIX))(const __grid_constant__ Jobs<Backward<NUMBER>> jobs) { \
        __shared__ ShortTile<READOUT>::Type tile;                                                                              \
        scan_short_backward<NUMBER, READOUT>(jobs.job[blockIdx.z], tile);                                                      \
    }

SHORT_SCAN(false, short_16)
SHORT_SCAN(true, readout_short_16)

#define SCAN_ENDS(N, SUFFIX)                                                                                                  \
    extern "C" __global__ void __launch_bounds__(THREADS, 4) JOIN(scan_ends, JOIN(NAME, SUFFIX))(const __grid_constant__ Jobs<Ends<NUMBER>> jobs) { \
        __shared__ __align__(16) EndsShared<N> tile;                                                                           \
        scan_ends<NUMBER, N>(jobs.job[blockIdx.z], tile);                                                                      \
    }

SCAN_ENDS(16, 16)
SCAN_ENDS(64, 64)

extern "C" __global__ void __launch_bounds__(THREADS) JOIN(scan_chain, NAME)(const __grid_constant__ Jobs<Chain> jobs) {
    scan_chain(jobs.job[blockIdx.z]);
}

extern "C" __global__ void __launch_bounds__(THREADS) JOIN(scan_finish, NAME)(const __grid_constant__ Jobs<Finish<NUMBER>> jobs) {
    __shared__ float shares[SHARES][SUMS];
    scan_finish<NUMBER>(jobs.job[blockIdx.z], shares);
}
