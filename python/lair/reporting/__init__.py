"""The report: collected in the program, rendered outside it.

arrange   when: at the end of the program, on a signal
collect   the numbers, as plain values, with next to no imports
deliver   sends them to a file and to a rendering process
model     the Report object and its checks
advice    next steps that follow from the numbers
plain     a summary without any library
render    the whole picture, with rich
"""
