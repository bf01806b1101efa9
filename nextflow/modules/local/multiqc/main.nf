process MULTIQC {
    label 'process_single'

    container "multiqc/multiqc:v1.35"

    input:
    path reports, stageAs: 'inputs/report?/*'
    path config, stageAs: 'inputs/config/*'

    output:
    path "multiqc_report.html", emit: report
    path "multiqc_report_data", emit: data
    tuple val("${task.process}"), val('multiqc'), eval('multiqc --version | sed "s/.* //"'), emit: versions_multiqc, topic: versions

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    """
    multiqc --force --strict --no-ansi --config ${config} --filename multiqc_report.html ${args} .
    """

    stub:
    """
    mkdir multiqc_report_data
    touch multiqc_report.html
    """
}
