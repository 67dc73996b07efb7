/* The GSM 7-bit alphabet with libosmocore and libgammu, and SMS-DELIVER with libgammu. The length that an
 * unpacking one is given is that of septets, as TP-UDL is. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gammu.h>
/* Its headers need what that includes. */
#include <osmocom/gsm/protocol/gsm_04_11.h>
#include <osmocom/gsm/gsm_utils.h>

#include "peers.h"

/* Text of libosmocore is ISO 8859-1: here ASCII alone. */
PEER(osmocore_pack)
{
	char text[MESSAGE_MAX];
	uint8_t packed[MESSAGE_MAX];
	int made;

	if (len >= sizeof text)
		return;
	memcpy(text, in, len);
	text[len] = 0;
	gsm_7bit_encode_n(packed, sizeof packed, text, &made);
	see(whose, packed, made);
}

PEER(osmocore_unpack)
{
	char text[MESSAGE_MAX];
	int made = gsm_7bit_decode_n(text, sizeof text, in, len);

	see(whose, (uint8_t *)text, made);
}

/* In no header of libgammu, and yet among the functions that it offers. */
void EncodeDefault(unsigned char *to, const unsigned char *text, size_t *len, gboolean extensions, unsigned char *more);
void DecodeDefault(unsigned char *to, const unsigned char *septets, size_t len, gboolean extensions, unsigned char *more);
int GSM_PackSevenBitsToEight(size_t offset, const unsigned char *septets, unsigned char *to, size_t len);
int GSM_UnpackEightBitsToSeven(size_t offset, size_t len, size_t count, const unsigned char *packed, unsigned char *to);

/* Of text in its own charset, UTF-16 with a zero behind. */
static void see_text(const unsigned char *text, bool digits, see_fn *see, void *whose)
{
	char utf8[2 * MESSAGE_MAX];
	const char *shown = utf8;

	EncodeUTF8(utf8, text);
	if (digits && *shown == '+')
		shown++;
	see(whose, (const uint8_t *)shown, strlen(shown));
}

PEER(gammu_pack)
{
	unsigned char text[2 * MESSAGE_MAX], septets[MESSAGE_MAX], packed[MESSAGE_MAX];
	size_t count;

	if (len >= MESSAGE_MAX / 2)
		return;
	DecodeUTF8(text, (const char *)in, len);
	count = UnicodeLength(text);
	EncodeDefault(septets, text, &count, TRUE, NULL);
	see(whose, packed, GSM_PackSevenBitsToEight(0, septets, packed, count));
}

PEER(gammu_unpack)
{
	unsigned char septets[MESSAGE_MAX], text[2 * MESSAGE_MAX];
	int made;

	if (len >= MESSAGE_MAX)
		return;
	made = GSM_UnpackEightBitsToSeven(0, (len * 7 + 7) / 8, len, in, septets);
	DecodeDefault(text, septets, made, TRUE, NULL);
	see_text(text, false, see, whose);
}

/* It asks the C library for local time, which without a TZ looks at a file each time. */
__attribute__((constructor)) static void set_time_zone(void)
{
	setenv("TZ", "UTC0", 0);
}

PEER(gammu_deliver)
{
	static GSM_SMSMessage sms;

	GSM_SetDefaultReceivedSMSData(&sms);
	if (GSM_DecodePDUFrame(GSM_GetGlobalDebug(), &sms, in, len, NULL, FALSE) != ERR_NONE)
		return;
	see_text(sms.Number, true, see, whose);
	see_text(sms.Text, false, see, whose);
}
