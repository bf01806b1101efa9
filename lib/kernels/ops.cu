// The kernels of the smaller operations for one number: compiled once with NUMBER and NAME for each.
constexpr int THREADS = 128;

#include "ops/contract.cuh"
#include "ops/conv.cuh"
#include "ops/draw.cuh"
#include "ops/gather.cuh"

#define JOIN2(a, b) a##_##b
#define JOIN(a, b) JOIN2(a, b)

#define KERNEL(OPERATION, JOB)                                                                                        \
    extern "C" __global__ void __launch_bounds__(THREADS) JOIN(OPERATION, NAME)(const __grid_constant__ JOB<NUMBER> job) { \
        OPERATION<NUMBER>(job);                                                                                       \
    }

KERNEL(conv_taps, Conv)
KERNEL(conv_forward, Conv)
KERNEL(conv_slope, Conv)
KERNEL(conv_gradient, Conv)
KERNEL(conv_finish, Conv)
KERNEL(contract, Contract)
KERNEL(dropout, Draw)
KERNEL(normal, Draw)
KERNEL(gather, Gather)
KERNEL(gather_gradient, Gather)

extern "C" __global__ void __launch_bounds__(THREADS) JOIN(contract_gradient, NAME)(const __grid_constant__ Factors<NUMBER> jobs) {
    contract_gradient<NUMBER>(jobs.factor[blockIdx.z]);
}
