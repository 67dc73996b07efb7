/* The fields of a request, as src/inputs.rs and src/groups/form.rs have them. */
#include "peers.h"

struct text {
	const char *octets;
	size_t len;
};
#define TEXT(literal) { literal, sizeof literal - 1 }
#define FIELDS 7
static const struct text names[FIELDS] = {
	TEXT("user"), TEXT("password"), TEXT("to"), TEXT("from"), TEXT("text"), TEXT("flash"), TEXT("reference"),
};

/* The value that is written for a field, one of them the input. */
static inline struct text value(size_t field, const uint8_t *in, size_t len)
{
	static const struct text values[FIELDS] = {
		TEXT("acme"), TEXT("s3cret"), TEXT("4512345678"), TEXT("Septet"), { NULL, 0 }, TEXT("0"), TEXT("7731"),
	};
	return values[field].octets ? values[field] : (struct text){ (const char *)in, len };
}

/* A form of longer values than any input has. */
#define FORM_MAX (64 * 1024)
