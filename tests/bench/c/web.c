/* Forms with libcurl and with glib 2. */
#include <string.h>

#include <curl/curl.h>
#include <glib.h>

#include "form.h"

PEER(libcurl_form_parse)
{
	static char spaced[FORM_MAX];
	const char *at = (const char *)in, *end = at + len;

	while (at < end) {
		const char *and = memchr(at, '&', end - at), *equals;
		and = and ? and : end;
		equals = memchr(at, '=', and - at);
		for (size_t i = 0; equals && i < FIELDS; i++) {
			size_t count = and - equals - 1;
			char *decoded;
			int made;

			if (names[i].len != (size_t)(equals - at) || memcmp(names[i].octets, at, names[i].len))
				continue;
			if (count > sizeof spaced)
				return;
			/* It leaves a plus as it is. */
			for (size_t j = 0; j < count; j++)
				spaced[j] = equals[1 + j] == '+' ? ' ' : equals[1 + j];
			decoded = curl_easy_unescape(NULL, spaced, count, &made);
			if (decoded)
				see(whose, (uint8_t *)decoded, made);
			curl_free(decoded);
			break;
		}
		at = and + 1;
	}
}

/* What stands in front of a field's value. */
static char *head(char *to, size_t field)
{
	if (field)
		*to++ = '&';
	memcpy(to, names[field].octets, names[field].len);
	to += names[field].len;
	*to++ = '=';
	return to;
}

PEER(libcurl_form_emit)
{
	char form[FORM_MAX], *to = form;

	for (size_t i = 0; i < FIELDS; i++) {
		struct text text = value(i, in, len);
		char *escaped = curl_easy_escape(NULL, text.octets, text.len);
		size_t count = strlen(escaped);

		to = head(to, i);
		memcpy(to, escaped, count);
		to += count;
		curl_free(escaped);
	}
	see(whose, (uint8_t *)form, to - form);
}

PEER(glib_form_parse)
{
	GHashTable *form = g_uri_parse_params((const char *)in, len, "&", G_URI_PARAMS_WWW_FORM, NULL);

	if (!form)
		return;
	for (size_t i = 0; i < FIELDS; i++) {
		const char *value = g_hash_table_lookup(form, names[i].octets);
		if (value)
			see(whose, (const uint8_t *)value, strlen(value));
	}
	g_hash_table_unref(form);
}

PEER(glib_form_emit)
{
	char form[FORM_MAX], *to = form;

	for (size_t i = 0; i < FIELDS; i++) {
		struct text text = value(i, in, len);
		/* As g_uri_escape_string does, of a text whose length is known. */
		char *escaped = g_uri_escape_bytes((const uint8_t *)text.octets, text.len, NULL);
		size_t count = strlen(escaped);

		to = head(to, i);
		memcpy(to, escaped, count);
		to += count;
		g_free(escaped);
	}
	see(whose, (uint8_t *)form, to - form);
}
