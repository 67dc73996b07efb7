//! What `serde` cannot derive: octets that are no list of numbers, and values with an invariant, which
//! are read through the constructor that checks it.

use arrayvec::{ArrayString, ArrayVec};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::at::{Arguments, Store};
use crate::error::Error;
use crate::fields::List;
use crate::gsm7::{Languages, Tables};
use crate::pdu::{PDU_MAX, Pdu};
use crate::text::Text;
use crate::tpdu::Address;
use crate::tpdu::udh::Language;
use crate::wire::{Quirk, Quirks};

/// Writes octets as octets, so that they can be borrowed back.
pub(crate) fn octets<S: Serializer>(octets: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(octets)
}

/// As [`octets`], for octets that may be absent.
pub(crate) fn some_octets<S: Serializer>(
    some: &Option<&[u8]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    struct Octets<'a>(&'a [u8]);

    impl Serialize for Octets<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            octets(self.0, serializer)
        }
    }

    some.map(Octets).serialize(serializer)
}

/// A text is a string, decoded.
impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&str>::deserialize(deserializer).map(Text::plain)
    }
}

/// A sequence of its items.
impl Serialize for List<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        sequence(self.iter(), serializer)
    }
}

/// A sequence of its values.
impl Serialize for Arguments<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        sequence(self.iter(), serializer)
    }
}

/// Some formats write the length of a sequence first.
fn sequence<S: Serializer>(
    items: impl Iterator<Item: Serialize> + Clone,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    use serde::ser::SerializeSeq;

    let mut sequence = serializer.serialize_seq(Some(items.clone().count()))?;
    for item in items {
        sequence.serialize_element(&item)?;
    }
    sequence.end()
}

/// An [`Address`] in three fields.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Address")]
pub(crate) struct AddressFields {
    type_of_address: u8,
    /// In semi-octets.
    len: u8,
    octets: ArrayVec<u8, 10>,
}

impl From<Address> for AddressFields {
    fn from(address: Address) -> Self {
        Self {
            type_of_address: address.type_of_address(),
            len: address.len() as u8,
            octets: address.octets().iter().copied().collect(),
        }
    }
}

impl TryFrom<AddressFields> for Address {
    type Error = Error;

    fn try_from(fields: AddressFields) -> Result<Self, Error> {
        Self::new(fields.type_of_address, fields.len, &fields.octets)
    }
}

/// The octets of a [`Pdu`].
#[derive(Serialize, Deserialize)]
#[serde(rename = "Pdu")]
pub(crate) struct PduOctets(ArrayVec<u8, PDU_MAX>);

impl From<Pdu> for PduOctets {
    fn from(pdu: Pdu) -> Self {
        Self(pdu.octets().iter().copied().collect())
    }
}

impl TryFrom<PduOctets> for Pdu {
    type Error = Error;

    fn try_from(PduOctets(octets): PduOctets) -> Result<Self, Error> {
        Self::from_octets(&octets)
    }
}

/// [`Quirks`] by their names.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Quirks")]
pub(crate) struct QuirkList(ArrayVec<Quirk, { Quirk::ALL.len() }>);

impl From<Quirks> for QuirkList {
    fn from(quirks: Quirks) -> Self {
        Self(quirks.iter().collect())
    }
}

impl From<QuirkList> for Quirks {
    fn from(QuirkList(quirks): QuirkList) -> Self {
        quirks.into_iter().fold(Self::NONE, Self::with)
    }
}

/// [`Languages`] by their numbers.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Languages")]
pub(crate) struct LanguageList(ArrayVec<Language, { Language::LISTED.len() }>);

impl From<Languages> for LanguageList {
    fn from(languages: Languages) -> Self {
        let listed = Language::LISTED.iter().copied();
        Self(listed.filter(|language| languages.contains(*language)).collect())
    }
}

impl TryFrom<LanguageList> for Languages {
    type Error = &'static str;

    fn try_from(LanguageList(languages): LanguageList) -> Result<Self, Self::Error> {
        match languages.iter().find(|language| !Language::LISTED.contains(language)) {
            Some(_) => Err("the standard has no such language"),
            None => Ok(languages.into_iter().collect()),
        }
    }
}

/// [`Tables`] by the languages that they are of.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Tables")]
pub(crate) struct TablesFields {
    locking: Option<Language>,
    single: Option<Language>,
}

impl From<Tables> for TablesFields {
    fn from(tables: Tables) -> Self {
        Self { locking: tables.locking(), single: tables.single() }
    }
}

impl TryFrom<TablesFields> for Tables {
    type Error = &'static str;

    fn try_from(TablesFields { locking, single }: TablesFields) -> Result<Self, Self::Error> {
        let tables = Self::national(locking, single);
        match (tables.locking(), tables.single()) == (locking, single) {
            true => Ok(tables),
            false => Err("there are no such tables here"),
        }
    }
}

/// The name of a [`Store`].
#[derive(Serialize, Deserialize)]
#[serde(rename = "Store")]
pub(crate) struct StoreName(ArrayString<2>);

impl From<Store> for StoreName {
    fn from(store: Store) -> Self {
        Self(ArrayString::from(store.name()).unwrap_or_default())
    }
}

impl TryFrom<StoreName> for Store {
    type Error = &'static str;

    fn try_from(StoreName(name): StoreName) -> Result<Self, Self::Error> {
        Self::new(name.as_bytes()).ok_or("the name of a store is two letters or digits")
    }
}
