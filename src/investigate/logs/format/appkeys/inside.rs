//! Names within objects that mean something: a person, what was read, a
//! request and its answer. Each in its plain form, a lower rank wins.

use super::super::facts::Slot::{
    ActorTenant, Age, Agent, Bypass, Bytes, Cache, CacheControl, Client, DbRole, Email, Key, Kind,
    Object, Request, Role, Rows, Session, Statement, Status, Target, Tenant, Trace, User,
};
use super::row::{Below, Table, at, of, or, within};

pub const PERSON: Table = &[
    ("id", at(User, 1)),
    ("userid", at(User, 1)),
    ("sub", at(User, 1)),
    ("uid", at(User, 2)),
    ("uuid", at(User, 3)),
    ("user", or(User, 2, Below::Person)),
    ("username", at(User, 5)),
    ("login", at(User, 5)),
    ("email", at(Email, 0)),
    ("role", at(Role, 1)),
    ("roles", at(Role, 2)),
    ("userrole", at(Role, 1)),
    ("orgrole", at(Role, 4)),
    ("orgid", at(ActorTenant, 1)),
    ("org", or(ActorTenant, 1, Below::Home)),
    ("organizationid", at(ActorTenant, 1)),
    ("organization", or(ActorTenant, 1, Below::Home)),
    ("tenantid", at(ActorTenant, 1)),
    ("tenant", or(ActorTenant, 1, Below::Home)),
    ("workspaceid", at(ActorTenant, 2)),
    ("workspace", or(ActorTenant, 2, Below::Home)),
    ("teamid", at(ActorTenant, 3)),
    ("companyid", at(ActorTenant, 3)),
    ("accountid", at(ActorTenant, 4)),
    ("sessionid", at(Session, 1)),
    ("ip", at(Client, 4)),
    ("ipaddress", at(Client, 4)),
    ("apikeyid", at(Key, 1)),
    ("appmetadata", within(Below::Person)),
    ("claims", within(Below::Person)),
    ("attributes", within(Below::Person)),
    ("subject", or(User, 4, Below::Person)),
];

pub const HOME: Table = &[
    ("id", at(ActorTenant, 1)),
    ("uuid", at(ActorTenant, 3)),
    ("slug", at(ActorTenant, 5)),
    ("name", at(ActorTenant, 6)),
    ("role", at(Role, 4)),
];

pub const THING: Table = &[
    ("id", at(Object, 1)),
    ("uuid", at(Object, 3)),
    ("objectid", at(Object, 1)),
    ("customerid", of("customer", 1)),
    ("type", at(Kind, 1)),
    ("kind", at(Kind, 1)),
    ("objecttype", at(Kind, 1)),
    ("orgid", at(Tenant, 1)),
    ("org", or(Tenant, 1, Below::ThingHome)),
    ("organizationid", at(Tenant, 1)),
    ("organization", or(Tenant, 1, Below::ThingHome)),
    ("tenantid", at(Tenant, 1)),
    ("tenant", or(Tenant, 1, Below::ThingHome)),
    ("workspaceid", at(Tenant, 2)),
    ("workspace", or(Tenant, 2, Below::ThingHome)),
    ("teamid", at(Tenant, 3)),
    ("companyid", at(Tenant, 3)),
    ("accountid", at(Tenant, 4)),
];

pub const THING_HOME: Table = &[
    ("id", at(Tenant, 1)),
    ("uuid", at(Tenant, 3)),
    ("slug", at(Tenant, 5)),
];

/// Within `req`; the rest is [`REQUEST`].
pub const IN_REQUEST: Table = &[
    ("id", at(Request, 1)),
    ("user", or(User, 3, Below::Person)),
    ("userid", at(User, 2)),
    ("auth", within(Below::Person)),
    ("session", or(Session, 3, Below::Session)),
    ("host", within(Below::Root)),
    ("address", at(Client, 4)),
    ("full", at(Target, 1)),
    ("original", at(Target, 1)),
    ("domain", within(Below::Root)),
];

pub const PARAMS: Table = &[("id", of("", 6)), ("uuid", of("", 7))];

/// Within `res`; the rest is [`ANSWER`].
pub const IN_RESPONSE: Table = &[
    ("status", or(Status, 1, Below::Response)),
    ("code", at(Status, 4)),
    ("headers", within(Below::Headers)),
    ("body", within(Below::Response)),
    ("data", at(Rows, 4)),
];

pub const HEADERS: Table = &[
    ("useragent", at(Agent, 1)),
    ("xforwardedfor", at(Client, 1)),
    ("xrealip", at(Client, 1)),
    ("cfconnectingip", at(Client, 0)),
    ("xrequestid", at(Request, 2)),
    ("xvercelid", at(Request, 4)),
    ("xmiddlewaresubrequest", at(Bypass, 0)),
    ("contentlength", at(Bytes, 3)),
    ("cachecontrol", at(CacheControl, 0)),
    ("age", at(Age, 0)),
    ("xvercelcache", at(Cache, 1)),
    ("xnextjscache", at(Cache, 2)),
    ("cfcachestatus", at(Cache, 1)),
    ("xcache", at(Cache, 3)),
    ("traceparent", at(Trace, 2)),
];

/// Within `session`.
pub const SESSION: Table = &[("id", at(Session, 1))];

pub const TRACE: Table = &[("id", at(Trace, 1))];

/// Within `http`, in the form of ECS.
pub const HTTP: Table = &[
    ("request", within(Below::Request)),
    ("response", within(Below::Response)),
    ("requestid", at(Request, 1)),
];

/// Within `db`.
pub const DATABASE: Table = &[
    ("user", at(DbRole, 1)),
    ("statement", at(Statement, 1)),
    ("querytext", at(Statement, 1)),
    ("rows", at(Rows, 1)),
];

/// Every table here, for the test of its names.
#[cfg(test)]
pub const ALL: &[Table] = &[
    PERSON,
    HOME,
    THING,
    THING_HOME,
    IN_REQUEST,
    PARAMS,
    IN_RESPONSE,
    HEADERS,
    SESSION,
    TRACE,
    HTTP,
    DATABASE,
];
