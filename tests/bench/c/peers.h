/* What src/c.rs calls: each function does the work of a candidate once, on octets that end with nothing, and
 * shows what it made, piece by piece. What it asked the heap for it has given back when it returns. */
#include <stddef.h>
#include <stdint.h>

/* Takes a piece; `whose` is the caller's. */
typedef void see_fn(void *whose, const uint8_t *octets, size_t len);

/* The work of a candidate. */
#define PEER(name) void name(const uint8_t *in, size_t len, see_fn *see, void *whose)

/* A message of more characters than any has, as the longest charset writes it. */
#define MESSAGE_MAX 1024
