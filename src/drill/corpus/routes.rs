//! The app's routes: what each is, who may use it, what it asks the database.
//! A leaf.

/// A route of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    pub method: &'static str,
    /// As Next.js writes it.
    pub template: &'static str,
    pub kind: &'static str,
    /// Roles that may use it; empty for everybody signed in.
    pub roles: &'static [&'static str],
    pub private: bool,
    /// What it asks the database, `$1` being the customer or the tenant.
    pub sql: &'static str,
    /// The table of `sql`.
    pub table: &'static str,
}

/// A way into [`ROUTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    Customers,
    Customer,
    CustomerInvoices,
    CustomerUpdate,
    Invoices,
    Invoice,
    Search,
    Export,
    Tickets,
    Document,
    AdminUsers,
    Usage,
    CustomersPage,
    CustomerPage,
    BillingPage,
    SignIn,
    LoginPage,
    Health,
    Static,
    PricingPage,
    Notes,
    Webhook,
    /// A path that is no route.
    Unknown,
}

const fn open(method: &'static str, template: &'static str, kind: &'static str) -> Route {
    Route {
        method,
        template,
        kind,
        roles: &[],
        private: false,
        sql: "",
        table: "",
    }
}

const fn closed(
    method: &'static str,
    template: &'static str,
    kind: &'static str,
    table: &'static str,
    sql: &'static str,
) -> Route {
    Route {
        method,
        template,
        kind,
        roles: &[],
        private: true,
        sql,
        table,
    }
}

const MANAGERS: &[&str] = &["admin", "superadmin", "billing"];

const LIST: &str =
    "select id, name, email, plan from customers where org_id = $1 order by id desc limit $2";

/// By the order of [`Way`].
pub const ROUTES: [Route; 23] = [
    closed("GET", "/api/customers", "list", "customers", LIST),
    closed(
        "GET",
        "/api/customers/[id]",
        "detail",
        "customers",
        "select * from customers where id = $1",
    ),
    closed(
        "GET",
        "/api/customers/[id]/invoices",
        "list",
        "invoices",
        "select id, number, amount_cents, status from invoices where customer_id = $1 order by id desc limit $2",
    ),
    closed(
        "PATCH",
        "/api/customers/[id]",
        "update",
        "customers",
        "update customers set plan = $2 where id = $1",
    ),
    closed(
        "GET",
        "/api/invoices",
        "list",
        "invoices",
        "select id, number, amount_cents, status from invoices where org_id = $1 order by id desc limit $2",
    ),
    closed(
        "GET",
        "/api/invoices/[id]",
        "detail",
        "invoices",
        "select * from invoices where id = $1",
    ),
    closed(
        "GET",
        "/api/search",
        "list",
        "customers",
        "select id, name, email from customers where org_id = $1 and name ilike $3 limit $2",
    ),
    Route {
        roles: MANAGERS,
        ..closed(
            "GET",
            "/api/export/customers",
            "export",
            "customers",
            "select * from customers where org_id = $1 order by id limit $2",
        )
    },
    closed(
        "GET",
        "/api/tickets",
        "list",
        "tickets",
        "select id, subject, status, customer_id from tickets where org_id = $1 order by id desc limit $2",
    ),
    closed(
        "GET",
        "/api/documents/[id]",
        "detail",
        "documents",
        "select id, title, body from documents where id = $1",
    ),
    Route {
        roles: MANAGERS,
        ..closed(
            "GET",
            "/api/admin/users",
            "list",
            "users",
            "select id, email, role from users where org_id = $1 order by id limit $2",
        )
    },
    closed(
        "GET",
        "/api/reports/usage",
        "report",
        "usage_daily",
        "select day, calls from usage_daily where org_id = $1 order by day desc limit $2",
    ),
    closed("GET", "/customers", "page", "customers", LIST),
    closed(
        "GET",
        "/customers/[id]",
        "page",
        "customers",
        "select id, name, email, plan from customers where id = $1",
    ),
    closed(
        "GET",
        "/settings/billing",
        "page",
        "subscriptions",
        "select plan, card_brand, renews_at from subscriptions where org_id = $1 limit $2",
    ),
    open("POST", "/api/auth/session", "auth"),
    open("GET", "/login", "page"),
    open("GET", "/api/health", "health"),
    open("GET", "/_next/static/[...path]", "static"),
    open("GET", "/pricing", "page"),
    closed(
        "GET",
        "/api/customers/[id]/notes",
        "list",
        "notes",
        "select id, body, created_at from notes where customer_id = $1 limit $2",
    ),
    open("POST", "/api/webhooks/stripe", "webhook"),
    open("GET", "", "unknown"),
];

/// What the tickets list asks once its condition is lost.
pub const TICKETS_OF_ALL: &str =
    "select id, subject, status, customer_id from tickets order by id desc";

impl Way {
    /// What it is.
    pub const fn route(self) -> &'static Route {
        &ROUTES[self as usize]
    }

    /// Method and template as rules name a route.
    pub fn name(self) -> String {
        let route = self.route();
        let mut template = String::new();
        for segment in route.template.split('/').skip(1) {
            template.push('/');
            template.push_str(if segment.starts_with('[') {
                ":id"
            } else {
                segment
            });
        }
        format!("{} {template}", route.method)
    }

    /// Whether its path holds a customer's id.
    pub const fn names_customer(self) -> bool {
        matches!(
            self,
            Self::Customer
                | Self::CustomerInvoices
                | Self::CustomerUpdate
                | Self::CustomerPage
                | Self::Notes
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_is_its_route() {
        assert_eq!(Way::Notes.name(), "GET /api/customers/:id/notes");
        assert_eq!(Way::Tickets.name(), "GET /api/tickets");
        assert_eq!(Way::CustomerUpdate.route().method, "PATCH");
        assert_eq!(Way::Unknown.route().kind, "unknown");
    }
}
