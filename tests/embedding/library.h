/* library.h - what the executable calls. */
/* SPDX-License-Identifier: MIT */
#ifndef LIBRARY_H
#define LIBRARY_H

int toy_run(const char *file);
void toy_audit(const char *event, void *arguments);

#endif
