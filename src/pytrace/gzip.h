/*
 * gzip.h - text that is packed on its way into a file.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_GZIP_H
#define PYTRACE_GZIP_H

#include "out.h"

struct gzip;

/* What is written to plain from now on goes to packed, as a .gz file. */
struct gzip *gzip_begin(struct out *plain, struct out *packed);
/* Ends plain. packed has the error, if there was one. */
void gzip_end(struct gzip *gzip, struct out *plain);

#endif
