/* libgammu, by the driver's lines. */
#include "common.h"

#include <gammu.h>

static size_t units(const unsigned char *text, size_t len, uint16_t *to)
{
	for (size_t i = 0; i < len; i++)
		to[i] = text[2 * i] << 8 | text[2 * i + 1];
	return len;
}

static void date(const char *key, const GSM_DateTime *date)
{
	struct tm tm = {
		.tm_year = date->Year - 1900, .tm_mon = date->Month - 1, .tm_mday = date->Day,
		.tm_hour = date->Hour, .tm_min = date->Minute, .tm_sec = date->Second,
	};
	if (date->Month >= 1 && date->Month <= 12 && date->Day >= 1)
		when(key, timegm(&tm) - date->Timezone);
}

static void answer(bool mobile_originated, uint8_t *pdu, size_t len)
{
	static GSM_SMSMessage sms;
	uint16_t text[GSM_MAX_SMS_LENGTH + GSM_MAX_NUMBER_LENGTH];
	GSM_Error error;

	(void)mobile_originated;
	GSM_SetDefaultSMSData(&sms);
	memset(sms.Text, 0, sizeof sms.Text);
	memset(sms.Number, 0, sizeof sms.Number);
	memset(&sms.DateTime, 0, sizeof sms.DateTime);
	memset(&sms.SMSCTime, 0, sizeof sms.SMSCTime);
	sms.UDH.AllParts = -1;
	error = GSM_DecodePDUFrame(GSM_GetGlobalDebug(), &sms, pdu, len, NULL, TRUE);
	if (error != ERR_NONE) {
		word("error", GSM_ErrorName(error));
		return;
	}
	characters("address", text, units(sms.Number, UnicodeLength(sms.Number), text));
	switch (sms.PDU) {
	case SMS_Deliver:
		word("type", "DELIVER");
		date("time", &sms.DateTime);
		break;
	case SMS_Submit:
		word("type", "SUBMIT");
		number("reference", sms.MessageReference);
		break;
	case SMS_Status_Report:
		word("type", "STATUS-REPORT");
		number("reference", sms.MessageReference);
		number("status", sms.DeliveryStatus);
		date("time", &sms.DateTime);
		date("discharge", &sms.SMSCTime);
		return;
	}
	if (sms.UDH.AllParts > 0) {
		name("part");
		printf("[%d,%d,%d]", sms.UDH.ID16bit >= 0 ? sms.UDH.ID16bit : sms.UDH.ID8bit,
		       sms.UDH.AllParts, sms.UDH.PartNumber);
	}
	if (sms.Coding == SMS_Coding_8bit)
		octets("data", sms.Text, sms.Length);
	else
		/* The length is one of septets. */
		characters("text", text, units(sms.Text, UnicodeLength(sms.Text), text));
}

/* Its encoder is one of a phone, which is not here. */
static void write_text(const uint8_t *text, size_t len)
{
	(void)text;
	(void)len;
}
