/* Forms with Kannel's gwlib, by the calls that its HTTP server makes for each request. */
#include <gwlib/gwlib.h>

#include "form.h"

__attribute__((constructor)) static void init(void)
{
	gwlib_init();
	log_set_output_level(GW_PANIC);
}

PEER(kannel_form_parse)
{
	Octstr *rest = octstr_create_from_data((const char *)in, len);
	List *fields = gwlist_create();
	HTTPCGIVar *field;

	while (octstr_len(rest) > 0) {
		long and = octstr_search_char(rest, '&', 0), equals;
		Octstr *pair;

		field = gw_malloc(sizeof *field);
		if (and < 0)
			and = octstr_len(rest);
		pair = octstr_copy(rest, 0, and);
		octstr_delete(rest, 0, and + 1);
		equals = octstr_search_char(pair, '=', 0);
		if (equals < 0)
			equals = octstr_len(pair);
		field->name = octstr_copy(pair, 0, equals);
		field->value = octstr_copy(pair, equals + 1, octstr_len(pair));
		octstr_destroy(pair);
		octstr_url_decode(field->name);
		octstr_url_decode(field->value);
		gwlist_append(fields, field);
	}
	octstr_destroy(rest);
	/* http_cgi_variable would go through them for each name anew, with two locks for each of them. */
	while ((field = gwlist_extract_first(fields)) != NULL) {
		for (size_t i = 0; i < FIELDS; i++)
			if (octstr_str_compare(field->name, names[i].octets) == 0) {
				see(whose, (uint8_t *)octstr_get_cstr(field->value), octstr_len(field->value));
				break;
			}
		octstr_destroy(field->name);
		octstr_destroy(field->value);
		gw_free(field);
	}
	gwlist_destroy(fields, NULL);
}

PEER(kannel_form_emit)
{
	Octstr *form = octstr_create("");

	for (size_t i = 0; i < FIELDS; i++) {
		struct text text = value(i, in, len);
		Octstr *escaped = octstr_create_from_data(text.octets, text.len);

		octstr_url_encode(escaped);
		if (i)
			octstr_append_char(form, '&');
		octstr_append_data(form, names[i].octets, names[i].len);
		octstr_append_char(form, '=');
		octstr_append(form, escaped);
		octstr_destroy(escaped);
	}
	see(whose, (uint8_t *)octstr_get_cstr(form), octstr_len(form));
	octstr_destroy(form);
}
