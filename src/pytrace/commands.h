/*
 * commands.h - what the program pytrace can do, each by a command line of its
 * own: argv[0] is the command's name. Returned is the exit status.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_COMMANDS_H
#define PYTRACE_COMMANDS_H

int audit_main(int argc, char **argv);    /* audit.c */
int bpftrace_main(int argc, char **argv); /* bpftrace.c */
int calls_main(int argc, char **argv);    /* calls.c */
int check_main(int argc, char **argv);    /* check.c */
int export_main(int argc, char **argv);   /* exporter.c */
int flame_main(int argc, char **argv);    /* flame.c */
int gc_main(int argc, char **argv);       /* gc.c */
int imports_main(int argc, char **argv);  /* imports.c */
int latency_main(int argc, char **argv);  /* latency.c */
int lines_main(int argc, char **argv);    /* lines.c */
int new_main(int argc, char **argv);      /* new.c */
int print_main(int argc, char **argv);    /* print.c */
int ps_main(int argc, char **argv);       /* ps.c */
int record_main(int argc, char **argv);   /* record.c */
int time_main(int argc, char **argv);     /* time.c */
int top_main(int argc, char **argv);      /* top.c */
int verify_main(int argc, char **argv);   /* verify.c */

#endif
