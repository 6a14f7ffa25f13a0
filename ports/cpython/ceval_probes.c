/* SPDX-License-Identifier: MIT */
/* The evaluation loop with markers: see ceval_probes.h. In a file of its own,
   so that the compiler makes of the other loop what it makes without this. */
#ifdef WITH_PYTRACE
#define PROBED
#include "ceval.c"
#endif
