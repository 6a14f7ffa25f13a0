/* gzip.c - text that is packed (gzip.h). SPDX-License-Identifier: MIT */
#include "gzip.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

enum { WITH_HEADER = 16 + MAX_WBITS, MEMORY = 8 };

struct gzip {
    struct out *packed;
    z_stream stream;
};

static int pack(struct gzip *gzip, const char *bytes, size_t count, int flush)
{
    unsigned char part[1 << 15];
    z_stream *stream = &gzip->stream;

    stream->next_in = (Bytef *)bytes;
    stream->avail_in = (uInt)count;
    do {
        stream->next_out = part;
        stream->avail_out = sizeof(part);
        deflate(stream, flush);
        out_bytes(gzip->packed, (char *)part, sizeof(part) - stream->avail_out);
    } while (stream->avail_out == 0);
    return gzip->packed->error;
}

static int take(void *data, const char *bytes, size_t count)
{
    return pack(data, bytes, count, Z_NO_FLUSH);
}

struct gzip *gzip_begin(struct out *plain, struct out *packed)
{
    struct gzip *gzip = allocate(1, sizeof(*gzip));

    gzip->packed = packed;
    out_begin(plain, -1);
    if (deflateInit2(&gzip->stream, Z_BEST_SPEED, Z_DEFLATED, WITH_HEADER,
                     MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        packed->error = plain->error = ENOMEM;
    plain->take = take;
    plain->data = gzip;
    return gzip;
}

void gzip_end(struct gzip *gzip, struct out *plain)
{
    out_end(plain);
    if (plain->error == 0)
        pack(gzip, NULL, 0, Z_FINISH);
    deflateEnd(&gzip->stream);
    free(gzip);
}
