/* What the drivers in C share: a job on each line, `MT` or `MO` and the octets of a PDU with its service
 * centre; an object of what the library under test reads in it on each line of the answer. A job `TO`
 * has a text in UTF-8 that is to be written. */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>


/* More than any job has. */
#define OCTETS 2000

/* Writes a member of the answer; `told` counts them. */
static int told;

static void name(const char *name)
{
	printf("%s\"%s\":", told++ ? "," : "{", name);
}

static void word(const char *key, const char *value)
{
	name(key);
	printf("\"%s\"", value);
}

static void number(const char *key, unsigned value)
{
	name(key);
	printf("%u", value);
}

static void octets(const char *key, const uint8_t *data, size_t len)
{
	name(key);
	putchar('"');
	for (size_t i = 0; i < len; i++)
		printf("%02X", data[i]);
	putchar('"');
}

/* A character out of UTF-16; halves of a surrogate pair, which are no characters, become U+FFFD. */
static void characters(const char *key, const uint16_t *units, size_t len)
{
	name(key);
	putchar('"');
	for (size_t i = 0; i < len; i++) {
		bool high = units[i] >= 0xD800 && units[i] < 0xDC00;
		bool low = units[i] >= 0xDC00 && units[i] < 0xE000;
		if (high && i + 1 < len && units[i + 1] >= 0xDC00 && units[i + 1] < 0xE000) {
			printf("\\u%04x\\u%04x", units[i], units[i + 1]);
			i++;
		} else {
			printf("\\u%04x", high || low ? 0xFFFD : units[i]);
		}
	}
	putchar('"');
}

/* Greenwich time. */
static void when(const char *key, time_t seconds)
{
	struct tm tm;
	char text[32];
	if (gmtime_r(&seconds, &tm) && strftime(text, sizeof text, "%y-%m-%d %H:%M:%S", &tm))
		word(key, text);
}

static void answer(bool mobile_originated, uint8_t *pdu, size_t len);
static void write_text(const uint8_t *text, size_t len);

int main(void)
{
	char line[2 * OCTETS + 8];
	uint8_t pdu[OCTETS];

	setvbuf(stdout, NULL, _IOLBF, 1 << 16);
	while (fgets(line, sizeof line, stdin)) {
		size_t len = 0;
		unsigned octet;
		/* What lies behind the PDU is not of the job before. */
		memset(pdu, 0, sizeof pdu);
		for (const char *at = strrchr(line, ' ') + 1; len < OCTETS && sscanf(at, "%2x", &octet) == 1; at += 2)
			pdu[len++] = octet;
		told = 0;
		if (line[0] == 'T')
			write_text(pdu, len);
		else
			answer(line[1] == 'O', pdu, len);
		printf("%s}\n", told ? "" : "{");
	}
	return 0;
}
