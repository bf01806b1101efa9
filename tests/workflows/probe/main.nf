// Two jobs that show what the pipeline's configuration gives to its jobs: more memory after running out of it, and the
// GPU that Slurm has granted, inside a container.

process HUNGRY {
    label 'process_single'

    output:
    path 'memory.txt'

    script:
    // tail holds what it is asked for in memory: more than the first attempt is given (2 GB), less than the second.
    """
    head -c 2300M /dev/zero | tail -c 2300M | wc -c > bytes.txt
    echo "${task.memory.toMega()} MB in attempt ${task.attempt}" > memory.txt
    """
}

process SEES_GPU {
    label 'process_gpu'
    container 'crossmamba/crossmamba:0.1.0'

    output:
    path 'gpu.txt'

    script:
    """
    echo "CUDA_VISIBLE_DEVICES=\${CUDA_VISIBLE_DEVICES:-nothing} container=\${APPTAINER_CONTAINER:+yes} granted=${task.accelerator.request}" > gpu.txt
    """
}

workflow {
    if (params.probe == 'memory') {
        HUNGRY().view { file -> "memory: ${file.text.trim()}" }
    }
    else {
        SEES_GPU().view { file -> "gpu: ${file.text.trim()}" }
    }
}
