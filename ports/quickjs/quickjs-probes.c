/*
 * quickjs-probes.c - the markers' arguments: names that any tracer can read,
 * and lines. A part of quickjs.c: see quickjs-probes.h.
 *
 * SPDX-License-Identifier: MIT
 */

/* Longer names that are not ASCII are cut; tracers read far less. */
#define PROBE_NAME_SIZE 1024

/*
 * 'p' in UTF-8, in 'buf' unless it is ASCII and needs no copy. What UTF-8
 * cannot say, a lone surrogate, is written \udcff. JS_ToCString() would
 * allocate, and throw where there is no memory.
 */
static const char *js_probes_text(const JSString *p, char *buf)
{
    char *q = buf, *end = buf + PROBE_NAME_SIZE - 7;
    uint32_t i, len = p->len, c, c1;

    if (!p->is_wide_char) {
        for(i = 0; i < len && p->u.str8[i] < 0x80; i++)
            continue;
        if (i == len)
            return (const char *)p->u.str8;
    }
    for(i = 0; i < len && q < end; i++) {
        c = p->is_wide_char ? p->u.str16[i] : p->u.str8[i];
        if (is_hi_surrogate(c) && i + 1 < len) {
            c1 = p->u.str16[i + 1];
            if (is_lo_surrogate(c1)) {
                c = from_surrogate(c, c1);
                i++;
            }
        }
        if (is_surrogate(c))
            q += snprintf(q, 7, "\\u%04x", c);
        else
            q += unicode_to_utf8((uint8_t *)q, c);
    }
    *q = '\0';
    return buf;
}

static const char *js_probes_file(JSRuntime *rt, const JSFunctionBytecode *b,
                                  char *buf)
{
    /* (a script's name is never a number, which would be no string) */
    if (!b->has_debug || __JS_AtomIsTaggedInt(b->debug.filename))
        return NULL;
    return js_probes_text(rt->atom_array[b->debug.filename], buf);
}

static JSFunctionBytecode *js_probes_bytecode(const JSStackFrame *sf)
{
    return JS_VALUE_GET_OBJ(sf->cur_func)->u.func.function_bytecode;
}

/*
 * The function's name, as build_backtrace() finds it; but for the body of a
 * module, which has no name there.
 */
static const char *js_probes_name(const JSStackFrame *sf, char *buf)
{
    JSProperty *pr;
    JSShapeProperty *prs;
    const JSString *name;

    prs = find_own_property(&pr, JS_VALUE_GET_OBJ(sf->cur_func),
                            JS_ATOM_name);
    if (!prs && js_probes_bytecode(sf)->func_name == JS_ATOM__eval_)
        return "<module>";
    if (prs && (prs->flags & JS_PROP_TMASK) == JS_PROP_NORMAL &&
        JS_VALUE_GET_TAG(pr->u.value) == JS_TAG_STRING) {
        name = JS_VALUE_GET_STRING(pr->u.value);
        if (name->len > 0)
            return js_probes_text(name, buf);
    }
    return "<anonymous>";
}

/* The line of the instruction before 'pc', or of the function at its start. */
static int js_probes_lineno(JSContext *ctx, JSFunctionBytecode *b,
                            const uint8_t *pc)
{
    int col_num;
    return find_line_num(ctx, b, pc - b->byte_code_buf - 1, &col_num);
}

static void js_probes_enter(JSContext *ctx, JSStackFrame *sf,
                            const uint8_t *pc)
{
    JSFunctionBytecode *b = js_probes_bytecode(sf);
    char file[PROBE_NAME_SIZE], name[PROBE_NAME_SIZE];

    if (PYTRACE_FUNCTION_ENTRY_ENABLED()) {
        pytrace_function_entry(js_probes_file(ctx->rt, b, file),
                               js_probes_name(sf, name),
                               js_probes_lineno(ctx, b, pc));
    }
}

static void js_probes_return(JSContext *ctx, JSStackFrame *sf,
                             const uint8_t *pc)
{
    JSFunctionBytecode *b = js_probes_bytecode(sf);
    char file[PROBE_NAME_SIZE], name[PROBE_NAME_SIZE];

    pytrace_function_return(js_probes_file(ctx->rt, b, file),
                            js_probes_name(sf, name),
                            js_probes_lineno(ctx, b, pc));
}
