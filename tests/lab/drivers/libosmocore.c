/* libosmocore's libosmogsm, by the driver's lines. It has functions for the fields of a TPDU; the way from
 * one field to the next is the caller's, and so it is here. */
#include "common.h"

/* Its headers need what that includes. */
#include <osmocom/gsm/protocol/gsm_04_11.h>
#include <osmocom/gsm/gsm_utils.h>
#include <osmocom/gsm/gsm0411_utils.h>

static void answer(bool mobile_originated, uint8_t *pdu, size_t len)
{
	uint8_t *tpdu = pdu + 1 + pdu[0], *at;
	uint8_t first = tpdu[0], coding, udl, *data;
	bool report = !mobile_originated && (first & 3) == 2;
	size_t header;

	if (pdu + len <= tpdu) {
		word("error", "no TPDU");
		return;
	}
	at = tpdu + (mobile_originated || report ? 2 : 1);
	at += 2 + (at[0] + 1) / 2;
	if (report) {
		word("type", "STATUS-REPORT");
		when("time", gsm340_scts(at));
		when("discharge", gsm340_scts(at + 7));
		number("status", at[14]);
		return;
	}
	word("type", mobile_originated ? "SUBMIT" : "DELIVER");
	coding = at[1];
	at += 2;
	if (!mobile_originated) {
		when("time", gsm340_scts(at));
		at += 7;
	} else {
		uint8_t format = first >> 3 & 3;
		if (format == GSM340_TP_VPF_RELATIVE) {
			name("validity");
			printf("\"%lu min\"", gsm340_validity_period(format, at));
		}
		at += format == GSM340_TP_VPF_NONE ? 0 : format == GSM340_TP_VPF_RELATIVE ? 1 : 7;
	}
	udl = *at++;
	data = at;
	header = first & 0x40 ? data[0] + 1 : 0;
	switch (gsm338_get_sms_alphabet(coding)) {
	case DCS_7BIT_DEFAULT: {
		/* ISO 8859-1, so that some characters have no place. */
		char text[OCTETS];
		uint16_t units[OCTETS];
		int written = gsm_7bit_decode_n_hdr(text, sizeof text, data, udl, header != 0);
		for (int i = 0; i < written; i++)
			units[i] = (uint8_t)text[i];
		characters("text", units, written > 0 ? written : 0);
		break;
	}
	case DCS_8BIT_DATA:
		octets("data", data + header, udl > header ? udl - header : 0);
		break;
	case DCS_UCS2:
		break;
	default:
		/* It knows no alphabet for it. */
		break;
	}
}

/* A text of one message in ISO 8859-1, without NUL; of others it has no words. */
static void write_text(const uint8_t *text, size_t len)
{
	char latin[OCTETS];
	uint8_t packed[OCTETS];
	size_t count = 0;
	int written;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < 0x80)
			latin[count++] = text[i];
		else if ((text[i] == 0xC2 || text[i] == 0xC3) && i + 1 < len)
			latin[count++] = text[i] << 6 | (text[i + 1] & 0x3F), i++;
		else
			return;
	}
	latin[count] = 0;
	if (count > 140)
		return;
	gsm_7bit_encode_n(packed, sizeof packed, latin, &written);
	octets("packed", packed, written);
}
