/*
 * quickjs-probes.c - the markers' arguments: names that any tracer can read,
 * and lines. A part of quickjs.c: see quickjs-probes.h.
 *
 * SPDX-License-Identifier: MIT
 */

/* The lines are not in the runtime's memory: the program could see its limit
   and its figures change. */
#undef malloc
#undef free

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

/*
 * Where the lines of a function begin, and what their first instructions are.
 * While lines are traced, each of these has an OP_invalid in its place, so the
 * interpreter's loop has no guard for lines. It is put there where a function
 * begins or goes on, and in those that are running, at the latest, when
 * __js_poll_interrupts() comes by; and it is taken away where one is met after
 * the tracer has gone. A runtime and its bytecode belong to one thread.
 */
typedef struct JSProbesLine {
    uint32_t pc;
    int line;
    uint8_t opcode; /* while 'stops' */
} JSProbesLine;

typedef struct JSProbesLines {
    int count;
    BOOL stops; /* there is an OP_invalid at each */
    JSProbesLine lines[]; /* by rising 'pc' */
} JSProbesLines;

/* In 'js_mode' of a frame, above its flags: 1 + the last line that was met. */
#define PROBE_LINE_SHIFT 8
#define PROBE_LINE_MAX   (1 << 22)

/* One of the two tables of lines, at its next entry; 'pc' is -1 at its end. */
typedef struct JSProbesCursor {
    const uint8_t *p, *end;
    int left; /* entries of the table of marks */
    int64_t pc;
    int line;
} JSProbesCursor;

static void js_probes_next_mark(JSProbesCursor *c)
{
    uint32_t diff_pc;
    int32_t diff_line;

    if (c->left-- <= 0) {
        c->pc = -1;
    } else {
        c->p += get_leb128(&diff_pc, c->p, c->p + 5);
        c->p += get_sleb128(&diff_line, c->p, c->p + 5);
        c->pc += diff_pc;
        c->line += diff_line;
    }
}

/* As find_line_num() reads it. */
static void js_probes_next_pc2line(JSProbesCursor *c)
{
    uint32_t diff_pc;
    int32_t diff_line, diff_col;
    int op, n;

    if (c->p >= c->end)
        goto end;
    op = *c->p++;
    if (op == 0) {
        if ((n = get_leb128(&diff_pc, c->p, c->end)) < 0)
            goto end;
        c->p += n;
        if ((n = get_sleb128(&diff_line, c->p, c->end)) < 0)
            goto end;
        c->p += n;
    } else {
        op -= PC2LINE_OP_FIRST;
        diff_pc = op / PC2LINE_RANGE;
        diff_line = op % PC2LINE_RANGE + PC2LINE_BASE;
    }
    if ((n = get_sleb128(&diff_col, c->p, c->end)) < 0)
        goto end;
    c->p += n;
    c->pc += diff_pc;
    c->line += diff_line;
    return;
 end:
    c->p = c->end;
    c->pc = -1;
}

/*
 * A statement's or a round's beginning counts in any case; another position
 * only when its line is not the line of the code before.
 */
static void js_probes_add_line(JSProbesLines *l, const JSProbesCursor *c,
                               BOOL is_mark)
{
    JSProbesLine *last = l->count > 0 ? &l->lines[l->count - 1] : NULL;

    if (last && last->pc == c->pc) {
        if (is_mark)
            last->line = c->line;
    } else if (!last || is_mark || last->line != c->line) {
        l->lines[l->count].pc = c->pc;
        l->lines[l->count].line = c->line;
        l->count++;
    }
}

/* Leave out what is not at the beginning of an instruction: it may not stop. */
static void js_probes_check_lines(JSProbesLines *l, const JSFunctionBytecode *b)
{
    int i, count = 0, pos = 0;

    for(i = 0; i < l->count; i++) {
        while (pos < b->byte_code_len && pos < l->lines[i].pc)
            pos += short_opcode_info(b->byte_code_buf[pos]).size;
        if (pos < b->byte_code_len && pos == l->lines[i].pc)
            l->lines[count++] = l->lines[i];
    }
    l->count = count;
}

/* The lines of 'b', or NULL. */
static JSProbesLines *js_probes_lines(JSContext *ctx, JSFunctionBytecode *b)
{
    JSProbesCursor pos, mark;
    JSProbesLines *l;
    uint32_t marks = 0, ignored;
    int col_num;

    if (!b->has_debug || !b->debug.pc2line_buf)
        return NULL;
    if (b->debug.lines)
        return b->debug.lines;
    pos.p = b->debug.pc2line_buf;
    pos.end = mark.p = pos.p + b->debug.pc2line_len;
    if (b->has_line_marks)
        mark.p += get_leb128(&marks, mark.p, mark.p + 5);
    mark.left = marks;
    /* (an entry takes two bytes or more) */
    l = malloc(sizeof(*l) + sizeof(l->lines[0]) *
               ((size_t)marks + b->debug.pc2line_len / 2));
    if (!l)
        return NULL;
    l->count = 0;
    l->stops = FALSE;
    mark.pc = mark.line = 0;
    js_probes_next_mark(&mark);
    pos.pc = 0;
    pos.line = find_line_num(ctx, b, -1, &col_num);
    pos.p += max_int(get_leb128(&ignored, pos.p, pos.end), 0);
    pos.p += max_int(get_leb128(&ignored, pos.p, pos.end), 0);
    js_probes_next_pc2line(&pos);
    while (mark.pc >= 0 || pos.pc >= 0) {
        if (mark.pc >= 0 && (pos.pc < 0 || mark.pc <= pos.pc)) {
            js_probes_add_line(l, &mark, TRUE);
            js_probes_next_mark(&mark);
        } else {
            js_probes_add_line(l, &pos, FALSE);
            js_probes_next_pc2line(&pos);
        }
    }
    js_probes_check_lines(l, b);
    b->debug.lines = l;
    return l;
}

/* The last one that begins at or before the code at 'pos', or -1. */
static int js_probes_find_line(const JSProbesLines *l, int64_t pos)
{
    int low = 0, high = l->count;

    while (low < high) {
        int middle = low + (high - low) / 2;
        if (l->lines[middle].pc <= pos)
            low = middle + 1;
        else
            high = middle;
    }
    return low - 1;
}

/* The line of the instruction before 'pc', or of the function at its start. */
static int js_probes_lineno(JSContext *ctx, JSFunctionBytecode *b,
                            const uint8_t *pc)
{
    const JSProbesLines *l = js_probes_lines(ctx, b);
    int64_t pos = pc - b->byte_code_buf - 1;
    int i = l ? js_probes_find_line(l, pos) : -1, col_num;

    return i >= 0 ? l->lines[i].line : find_line_num(ctx, b, -1, &col_num);
}

static void js_probes_stop(JSContext *ctx, JSFunctionBytecode *b)
{
    JSProbesLines *l = js_probes_lines(ctx, b);
    int i;

    if (l && !l->stops && !b->read_only_bytecode) {
        for(i = 0; i < l->count; i++) {
            uint8_t *opcode = b->byte_code_buf + l->lines[i].pc;
            l->lines[i].opcode = *opcode;
            *opcode = OP_invalid;
        }
        l->stops = TRUE;
    }
}

static void js_probes_go(JSFunctionBytecode *b)
{
    JSProbesLines *l = b->debug.lines;
    int i;

    if (l->stops) {
        for(i = 0; i < l->count; i++)
            b->byte_code_buf[l->lines[i].pc] = l->lines[i].opcode;
        l->stops = FALSE;
    }
}

static void js_probes_forget(JSFunctionBytecode *b)
{
    if (b->has_debug && b->debug.lines) {
        js_probes_go(b);
        free(b->debug.lines);
        b->debug.lines = NULL;
    }
}

static void js_probes_watch(JSRuntime *rt)
{
    JSStackFrame *sf;

    for(sf = rt->current_stack_frame; sf != NULL; sf = sf->prev_frame) {
        JSFunctionBytecode *b = JS_GetFunctionBytecode(sf->cur_func);
        if (b)
            js_probes_stop(b->realm, b);
    }
}

/* The same of the innermost ones, up to one that stops already. */
static void js_probes_watch_callers(JSRuntime *rt)
{
    JSStackFrame *sf;

    for(sf = rt->current_stack_frame; sf != NULL; sf = sf->prev_frame) {
        JSFunctionBytecode *b = JS_GetFunctionBytecode(sf->cur_func);
        if (!b || !b->has_debug)
            continue;
        if (b->debug.lines && b->debug.lines->stops)
            break;
        js_probes_stop(b->realm, b);
    }
}

/* A line begins where the line of the frame changes, or its code goes back. */
static int js_probes_line(JSContext *ctx, JSStackFrame *sf, const uint8_t *pc)
{
    JSFunctionBytecode *b = js_probes_bytecode(sf);
    JSProbesLines *l = b->has_debug ? b->debug.lines : NULL;
    char file[PROBE_NAME_SIZE], name[PROBE_NAME_SIZE];
    int64_t pos = pc - b->byte_code_buf - 1;
    int i, opcode, last;

    if (!l || !l->stops)
        return OP_invalid;
    i = js_probes_find_line(l, pos);
    if (i < 0 || l->lines[i].pc != pos)
        return OP_invalid;
    opcode = l->lines[i].opcode;
    if (!PYTRACE_LINE_ENABLED()) {
        js_probes_go(b);
        return opcode;
    }
    last = (sf->js_mode >> PROBE_LINE_SHIFT) - 1;
    if (last < 0 || i <= last || l->lines[i].line != l->lines[last].line) {
        pytrace_line(js_probes_file(ctx->rt, b, file),
                     js_probes_name(sf, name), l->lines[i].line);
    }
    sf->js_mode &= (1 << PROBE_LINE_SHIFT) - 1;
    if (i < PROBE_LINE_MAX)
        sf->js_mode |= (i + 1) << PROBE_LINE_SHIFT;
    return opcode;
}

static void js_probes_enter(JSContext *ctx, JSStackFrame *sf,
                            const uint8_t *pc)
{
    JSFunctionBytecode *b = js_probes_bytecode(sf);
    char file[PROBE_NAME_SIZE], name[PROBE_NAME_SIZE];
    int col_num;

    if (PYTRACE_FUNCTION_ENTRY_ENABLED()) {
        pytrace_function_entry(js_probes_file(ctx->rt, b, file),
                               js_probes_name(sf, name),
                               pc == b->byte_code_buf
                               ? find_line_num(ctx, b, -1, &col_num)
                               : js_probes_lineno(ctx, b, pc));
    }
    if (PYTRACE_LINE_ENABLED())
        js_probes_watch_callers(ctx->rt);
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

#if PYTRACE_HAS_EXCEPTIONS
/* A property of an object's own that is a plain value, or undefined. */
static JSValueConst js_probes_own(JSValueConst obj, JSAtom atom)
{
    JSProperty *pr;
    JSShapeProperty *prs;

    if (JS_VALUE_GET_TAG(obj) != JS_TAG_OBJECT)
        return JS_UNDEFINED;
    prs = find_own_property(&pr, JS_VALUE_GET_OBJ(obj), atom);
    return prs && (prs->flags & JS_PROP_TMASK) == JS_PROP_NORMAL
           ? (JSValueConst)pr->u.value : JS_UNDEFINED;
}

static const char *js_probes_string(JSValueConst val, char *buf)
{
    return JS_VALUE_GET_TAG(val) == JS_TAG_STRING
           ? js_probes_text(JS_VALUE_GET_STRING(val), buf) : NULL;
}

/* What is thrown: the name of its class; of what is no object, its type. */
static const char *js_probes_class(JSValueConst val, char *buf)
{
    JSObject *proto;
    const char *name = NULL;

    switch(JS_VALUE_GET_NORM_TAG(val)) {
    case JS_TAG_OBJECT:
        proto = JS_VALUE_GET_OBJ(val)->shape->proto;
        if (proto) {
            name = js_probes_string(
                js_probes_own(js_probes_own(JS_MKPTR(JS_TAG_OBJECT, proto),
                                            JS_ATOM_constructor),
                              JS_ATOM_name), buf);
        }
        return name && *name != '\0' ? name : "Object";
    case JS_TAG_STRING:
    case JS_TAG_STRING_ROPE:
        return "string";
    case JS_TAG_INT:
    case JS_TAG_FLOAT64:
        return "number";
    case JS_TAG_BOOL:
        return "boolean";
    case JS_TAG_NULL:
        return "null";
    case JS_TAG_UNDEFINED:
        return "undefined";
    case JS_TAG_SYMBOL:
        return "symbol";
    default:
        return "bigint";
    }
}

static void js_probes_thrown(JSContext *ctx, JSStackFrame *sf,
                             const uint8_t *pc)
{
    JSFunctionBytecode *b = js_probes_bytecode(sf);
    JSValueConst exc = ctx->rt->current_exception;
    char file[PROBE_NAME_SIZE], name[PROBE_NAME_SIZE];
    char class_name[PROBE_NAME_SIZE], message[PROBE_NAME_SIZE];
    const char *text;

    if (!ctx->rt->probes_thrown)
        return;
    ctx->rt->probes_thrown = FALSE;
    text = js_probes_string(JS_VALUE_GET_TAG(exc) == JS_TAG_STRING
                            ? exc : js_probes_own(exc, JS_ATOM_message),
                            message);
    PYTRACE_EXCEPTION_THROWN_TEXT(js_probes_class(exc, class_name),
                                  js_probes_file(ctx->rt, b, file),
                                  js_probes_lineno(ctx, b, pc),
                                  js_probes_name(sf, name), text);
}

static void js_probes_caught(JSContext *ctx, JSStackFrame *sf,
                             const uint8_t *pc)
{
    JSFunctionBytecode *b = js_probes_bytecode(sf);
    char file[PROBE_NAME_SIZE], name[PROBE_NAME_SIZE];
    char class_name[PROBE_NAME_SIZE];

    pytrace_exception_caught(js_probes_class(ctx->rt->current_exception,
                                             class_name),
                             js_probes_file(ctx->rt, b, file),
                             js_probes_lineno(ctx, b, pc),
                             js_probes_name(sf, name));
}
#endif
