//! The shapes of OpenTelemetry's JSON, each leaf of any type. A leaf.
//!
//! Unknown parts are passed over without a limit of depth by the reader, so
//! the depth is looked at before.

use super::super::facts::Value;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// The whole, or a part of it.
#[derive(Debug, Deserialize)]
pub struct Top<'a> {
    #[serde(borrow, default, rename = "resourceLogs", alias = "resourceSpans")]
    pub groups: Option<Vec<Group<'a>>>,
    #[serde(borrow, default)]
    pub resource: Option<Resource<'a>>,
    #[serde(borrow, default, rename = "scopeLogs", alias = "scopeSpans")]
    pub scopes: Option<Vec<Scope<'a>>>,
    #[serde(borrow, default, rename = "logRecords", alias = "spans")]
    pub records: Option<Vec<Record<'a>>>,
}

impl Top<'_> {
    /// Whether it holds records at any depth.
    pub const fn is_known(&self) -> bool {
        self.groups.is_some() || self.scopes.is_some() || self.records.is_some()
    }
}

/// What one service sent.
#[derive(Debug, Deserialize)]
pub struct Group<'a> {
    #[serde(borrow, default)]
    pub resource: Option<Resource<'a>>,
    #[serde(borrow, default, rename = "scopeLogs", alias = "scopeSpans")]
    pub scopes: Option<Vec<Scope<'a>>>,
}

#[derive(Debug, Deserialize)]
pub struct Resource<'a> {
    #[serde(borrow, default)]
    pub attributes: Option<Vec<Attribute<'a>>>,
}

#[derive(Debug, Deserialize)]
pub struct Scope<'a> {
    #[serde(borrow, default, rename = "logRecords", alias = "spans")]
    pub records: Option<Vec<Record<'a>>>,
}

/// A log record or a span.
#[derive(Debug, Deserialize)]
pub struct Record<'a> {
    #[serde(borrow, default, rename = "timeUnixNano", alias = "startTimeUnixNano")]
    pub time: Scalar<'a>,
    #[serde(borrow, default, rename = "observedTimeUnixNano")]
    pub observed: Scalar<'a>,
    #[serde(borrow, default, rename = "endTimeUnixNano")]
    pub end: Scalar<'a>,
    #[serde(borrow, default)]
    pub kind: Scalar<'a>,
    #[serde(borrow, default)]
    pub body: Option<Any<'a>>,
    #[serde(borrow, default)]
    pub attributes: Option<Vec<Attribute<'a>>>,
    #[serde(borrow, default, rename = "traceId")]
    pub trace: Scalar<'a>,
}

impl Record<'_> {
    /// Whether it says anything.
    pub const fn is_known(&self) -> bool {
        self.attributes.is_some() || self.body.is_some()
    }
}

#[derive(Debug, Deserialize)]
pub struct Attribute<'a> {
    #[serde(borrow, default)]
    pub key: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub value: Option<Any<'a>>,
}

/// A typed value.
#[derive(Debug, Deserialize)]
pub struct Any<'a> {
    #[serde(borrow, default, rename = "stringValue")]
    pub text: Scalar<'a>,
    #[serde(borrow, default, rename = "intValue", alias = "doubleValue")]
    pub number: Scalar<'a>,
    #[serde(borrow, default, rename = "arrayValue")]
    pub array: Option<Array<'a>>,
    #[serde(borrow, default, rename = "kvlistValue")]
    pub list: Option<List<'a>>,
}

impl Any<'_> {
    /// The value, or the first of several.
    pub fn first(&self) -> Option<Value<'_, '_>> {
        let plain = self.text.value().or_else(|| self.number.value());
        plain.or_else(|| self.array.as_ref()?.values.as_ref()?.first()?.first())
    }
}

#[derive(Debug, Deserialize)]
pub struct Array<'a> {
    #[serde(borrow, default)]
    pub values: Option<Vec<Any<'a>>>,
}

#[derive(Debug, Deserialize)]
pub struct List<'a> {
    #[serde(borrow, default)]
    pub values: Option<Vec<Attribute<'a>>>,
}

/// A value of any type; lists and objects are nothing.
#[derive(Debug, Default)]
pub enum Scalar<'a> {
    #[default]
    Nothing,
    Text(Cow<'a, str>),
    Whole(i64),
    Float(f64),
}

impl Scalar<'_> {
    /// The value, where there is one.
    pub fn value(&self) -> Option<Value<'_, '_>> {
        match self {
            Self::Nothing => None,
            Self::Text(text) => Some(Value::Borrowed(text)),
            Self::Whole(number) => Some(Value::Whole(*number)),
            Self::Float(number) => Some(Value::Float(*number)),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(Met)
    }
}

struct Met;

impl<'de> Visitor<'de> for Met {
    type Value = Scalar<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Nothing)
    }

    fn visit_bool<E>(self, _value: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Nothing)
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Scalar::Whole(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value)
            .map_or_else(|_| Scalar::Text(value.to_string().into()), Scalar::Whole))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }
}
