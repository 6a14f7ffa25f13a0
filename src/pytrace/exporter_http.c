/*
 * exporter_http.c - the measures of pytrace export by HTTP, with libmicrohttpd.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "exporter.h"
#include "ticks.h"

#ifdef HAVE_MICROHTTPD

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#if MHD_VERSION < 0x00097002
#define MHD_Result int
#else
#define MHD_Result enum MHD_Result
#endif

enum { CONNECTIONS = 128 };
static const uint64_t patience = 10 * SECOND;

/* A connection. */
struct client {
    bool is_there;
    bool is_over; /* it was shut down */
    int descriptor;
    uint64_t since; /* when it came, or its last answer was taken */
};

struct server {
    struct exporter *exporter;
    struct MHD_Daemon *daemon;
    int descriptor;
    char *path;         /* of a socket, or NULL */
    struct stat socket; /* as it was made */
    pthread_mutex_t mutex;
    struct client clients[CONNECTIONS];
};

static const char openmetrics[] =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";
static const char text[] = "text/plain; version=0.0.4; charset=utf-8";

/* ---- connections ---- */

/*
 * libmicrohttpd's own limit is for a client that sends nothing at all. One that
 * sends or takes a byte now and then is shut down here, as one that came later
 * may be Prometheus: when its time is over, and the oldest one as soon as there
 * is no room for another.
 */
static void shut_down(struct client *client)
{
    shutdown(client->descriptor, SHUT_RDWR);
    client->is_over = true;
}

static void make_room(struct server *server)
{
    struct client *oldest = NULL;
    size_t i;

    for (i = 0; i < CONNECTIONS; i++) {
        struct client *client = &server->clients[i];

        if (!client->is_there || client->is_over)
            return;
        if (oldest == NULL || client->since < oldest->since)
            oldest = client;
    }
    shut_down(oldest);
}

static void on_connection(void *data, struct MHD_Connection *connection,
                          void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct server *server = data;
    struct client *client = server->clients;

    pthread_mutex_lock(&server->mutex);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        while (client->is_there)
            client++;
        client->descriptor = MHD_get_connection_info(
                                 connection, MHD_CONNECTION_INFO_CONNECTION_FD)
                                 ->connect_fd;
        client->since = monotonic_now();
        client->is_over = false;
        client->is_there = true;
        *context = client;
        make_room(server);
    } else {
        client = *context;
        client->is_there = false;
    }
    pthread_mutex_unlock(&server->mutex);
}

static void on_answered(void *data, struct MHD_Connection *connection,
                        void **state, enum MHD_RequestTerminationCode code)
{
    struct server *server = data;
    struct client *client =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
            ->socket_context;

    (void)state;
    (void)code;
    pthread_mutex_lock(&server->mutex);
    client->since = monotonic_now();
    pthread_mutex_unlock(&server->mutex);
}

void server_look(struct server *server, uint64_t now)
{
    size_t i;

    pthread_mutex_lock(&server->mutex);
    for (i = 0; i < CONNECTIONS; i++) {
        struct client *client = &server->clients[i];

        if (client->is_there && !client->is_over &&
            client->since + patience < now)
            shut_down(client);
    }
    pthread_mutex_unlock(&server->mutex);
}

/* ---- requests ---- */

/* Where a part of a list ends; a quoted string may have what ends others. */
static const char *part_end(const char *text, const char *ends)
{
    bool is_quoted = false;

    for (; *text != '\0' && (is_quoted || strchr(ends, *text) == NULL); text++)
        if (*text == '"')
            is_quoted = !is_quoted;
        else if (is_quoted && *text == '\\' && text[1] != '\0')
            text++;
    return text;
}

/* How much each form is wished for; 0: it is not accepted. */
struct accepted {
    double openmetrics, text;
};

static double more(double a, double b)
{
    return a > b ? a : b;
}

/* Each of the header's media types, with its parameters. */
static MHD_Result read_accept(void *data, enum MHD_ValueKind kind,
                              const char *name, const char *value)
{
    struct accepted *accepted = data;

    (void)kind;
    if (strcasecmp(name, "Accept") != 0)
        return MHD_YES;
    while (value != NULL && *value != '\0') {
        const char *type = value + strspn(value, ", \t");
        size_t length = strcspn(type, ",; \t");
        double quality = 1;

        value = part_end(type, ",;");
        while (*value == ';') {
            value += 1 + strspn(value + 1, " \t");
            if (strncasecmp(value, "q=", 2) == 0)
                quality = strtod(value + 2, NULL);
            value = part_end(value, ",;");
        }
        if (length == strlen("application/openmetrics-text") &&
            strncasecmp(type, "application/openmetrics-text", length) == 0)
            accepted->openmetrics = more(accepted->openmetrics, quality);
        if (length == strlen("text/plain") &&
            strncasecmp(type, "text/plain", length) == 0)
            accepted->text = more(accepted->text, quality);
    }
    return MHD_YES;
}

/* What has a NUL stays as it is: it would end there, and seem to be a path. */
static size_t unescape(void *data, struct MHD_Connection *connection,
                       char *text)
{
    (void)data;
    (void)connection;
    return strstr(text, "%00") != NULL ? strlen(text) : MHD_http_unescape(text);
}

/* A request may name the server, too (RFC 9112, 3.2.2). */
static const char *path_of(const char *url)
{
    static const char scheme[] = "http://";
    const char *path;

    if (strncasecmp(url, scheme, sizeof(scheme) - 1) != 0)
        return url;
    path = strchr(url + sizeof(scheme) - 1, '/');
    return path != NULL ? path : "/";
}

/* ---- answers ---- */

static MHD_Result answer_with(struct MHD_Connection *connection,
                              unsigned status, const char *type,
                              const char *body)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_PERSISTENT);
    MHD_Result result;

    MHD_add_response_header(response, "Content-Type", type);
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "GET, HEAD");
    result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static MHD_Result answer_measures(struct server *server,
                                  struct MHD_Connection *connection)
{
    struct accepted accepted = {0, 0};
    enum form form = FORM_TEXT;
    struct MHD_Response *response;
    MHD_Result result;
    size_t size;
    char *body;

    MHD_get_connection_values(connection, MHD_HEADER_KIND, read_accept,
                              &accepted);
    if (accepted.openmetrics > 0 && accepted.openmetrics >= accepted.text)
        form = FORM_OPENMETRICS;
    pthread_mutex_lock(&server->exporter->mutex);
    server->exporter->scrapes++;
    body = exporter_text(server->exporter, form, &size);
    pthread_mutex_unlock(&server->exporter->mutex);
    response =
        MHD_create_response_from_buffer(size, body, MHD_RESPMEM_MUST_FREE);
    MHD_add_response_header(response, "Content-Type",
                            form == FORM_OPENMETRICS ? openmetrics : text);
    result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

static MHD_Result on_request(void *data, struct MHD_Connection *connection,
                             const char *url, const char *method,
                             const char *version, const char *upload,
                             size_t *upload_size, void **state)
{
    static int known;

    (void)version;
    (void)upload;
    /* (The first call has the request's head only.) */
    if (*state == NULL) {
        *state = &known;
        return MHD_YES;
    }
    if (*upload_size != 0) {
        *upload_size = 0;
        return MHD_YES;
    }
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return answer_with(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
                           "text/plain", "GET is what this takes.\n");
    url = path_of(url);
    if (strcmp(url, "/metrics") == 0)
        return answer_measures(data, connection);
    if (strcmp(url, "/") == 0)
        return answer_with(connection, MHD_HTTP_OK, "text/html",
                           "<p>pytrace export: <a href=\"/metrics\">"
                           "/metrics</a></p>\n");
    return answer_with(connection, MHD_HTTP_NOT_FOUND, "text/plain",
                       "There is only /metrics.\n");
}

/* ---- sockets ---- */

static int fail(struct reason *reason, const char *address, const char *why,
                int socket)
{
    enum { SHOWN = 120 }; /* (more than a path can have) */

    because(reason, "%.*s%s cannot be listened on: %s", SHOWN,
            *address != '\0' ? address : "\"\"",
            strlen(address) > SHOWN ? "..." : "", why);
    if (socket >= 0)
        close(socket);
    return -1;
}

/* Where no one listens any more, its file can go. */
static bool is_taken(const struct sockaddr_un *name)
{
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is =
        connect(probe, (const struct sockaddr *)name, sizeof(*name)) == 0 ||
        errno != ECONNREFUSED;

    close(probe);
    return is;
}

static int listen_unix(const char *address, const char *path,
                       struct reason *reason)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    struct stat status;
    int descriptor;

    if (strlen(path) >= sizeof(name.sun_path) || *path == '\0')
        return fail(reason, address, "the path is too long, or empty", -1);
    strcpy(name.sun_path, path);
    if (lstat(path, &status) == 0) {
        if (!S_ISSOCK(status.st_mode))
            return fail(reason, address, "there is another file", -1);
        if (is_taken(&name))
            return fail(reason, address, strerror(EADDRINUSE), -1);
        unlink(path);
    }
    descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0 ||
        bind(descriptor, (const struct sockaddr *)&name, sizeof(name)) != 0 ||
        chmod(path, 0660) != 0 || listen(descriptor, CONNECTIONS) != 0)
        return fail(reason, address, strerror(errno), descriptor);
    return descriptor;
}

static int listen_at(const char *address, const struct addrinfo *found,
                     struct reason *reason)
{
    const int on = 1;
    int descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (descriptor < 0)
        return fail(reason, address, strerror(errno), -1);
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(descriptor, found->ai_addr, found->ai_addrlen) != 0 ||
        listen(descriptor, CONNECTIONS) != 0)
        return fail(reason, address, strerror(errno), descriptor);
    return descriptor;
}

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits >= 1 && digits <= 5 && text[digits] == '\0' &&
           atoi(text) <= 65535;
}

/* "ADDRESS:PORT", "[ADDRESS]:PORT", or a port of this machine alone. */
static int listen_port(const char *address, struct reason *reason)
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM,
                                    .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    char *copy = formatted("%s", address);
    char *colon = strrchr(copy, ':'), *host = copy;
    const char *port = colon != NULL ? colon + 1 : copy;
    struct addrinfo *found = NULL;
    int descriptor, error;

    if (colon != NULL) {
        *colon = '\0';
        if (*host == '[' && colon[-1] == ']') {
            colon[-1] = '\0';
            host++;
        }
    }
    if (!is_port(port)) {
        descriptor =
            fail(reason, address, "its port is no number from 0 to 65535", -1);
    } else if (colon != NULL && *host == '\0') {
        descriptor = fail(reason, address, "no address is before the port", -1);
    } else {
        error = getaddrinfo(colon != NULL ? host : "127.0.0.1", port, &wanted,
                            &found);
        descriptor = error != 0 ? fail(reason, address, gai_strerror(error), -1)
                                : listen_at(address, found, reason);
    }
    if (found != NULL)
        freeaddrinfo(found);
    free(copy);
    return descriptor;
}

struct server *server_start(struct exporter *exporter, const char *address,
                            struct reason *reason)
{
    static const char prefix[] = "unix:";
    bool is_unix = strncmp(address, prefix, sizeof(prefix) - 1) == 0;
    const char *path = address + sizeof(prefix) - 1;
    struct server *server;
    int descriptor = is_unix ? listen_unix(address, path, reason)
                             : listen_port(address, reason);

    if (descriptor < 0)
        return NULL;
    server = allocate(1, sizeof(*server));
    server->exporter = exporter;
    pthread_mutex_init(&server->mutex, NULL);
    if (is_unix && lstat(path, &server->socket) == 0)
        server->path = formatted("%s", path);
    server->descriptor = descriptor;
    server->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL, NULL,
        on_request, server, MHD_OPTION_LISTEN_SOCKET, descriptor,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
        MHD_OPTION_NOTIFY_COMPLETED, on_answered, server,
        MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_END);
    if (server->daemon == NULL) {
        fail(reason, address, "libmicrohttpd does not start", descriptor);
        if (server->path != NULL)
            unlink(server->path);
        free(server->path);
        free(server);
        return NULL;
    }
    return server;
}

/* (Port 0 has become another one.) */
void server_tell(const struct server *server)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    char host[NI_MAXHOST], port[NI_MAXSERV];
    bool is_long;

    if (server->path != NULL) {
        fputs(PROGRAM " export: unix:", stderr);
        print_printable(stderr, server->path);
        fputc('\n', stderr);
        return;
    }
    if (getsockname(server->descriptor, (struct sockaddr *)&address, &size) !=
            0 ||
        getnameinfo((struct sockaddr *)&address, size, host, sizeof(host), port,
                    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return;
    is_long = address.ss_family == AF_INET6;
    fprintf(stderr, PROGRAM " export: http://%s%s%s:%s/metrics\n",
            is_long ? "[" : "", host, is_long ? "]" : "", port);
}

void server_stop(struct server *server)
{
    struct stat status;

    /* (Another exporter may have come to its place.) */
    if (server->path != NULL && lstat(server->path, &status) == 0 &&
        status.st_dev == server->socket.st_dev &&
        status.st_ino == server->socket.st_ino)
        unlink(server->path);
    free(server->path);
    MHD_stop_daemon(server->daemon);
    pthread_mutex_destroy(&server->mutex);
    free(server);
}

#else

void server_tell(const struct server *server)
{
    (void)server;
}

struct server *server_start(struct exporter *exporter, const char *address,
                            struct reason *reason)
{
    (void)exporter;
    because(reason,
            "%.120s cannot be listened on: this pytrace was built without "
            "libmicrohttpd; --output FILE.prom writes the same into a file",
            address);
    return NULL;
}

void server_look(struct server *server, uint64_t now)
{
    (void)server;
    (void)now;
}

void server_stop(struct server *server)
{
    (void)server;
}

#endif
