//! The people who have an account at the practice provider. All of them are made up.

/// One of them.
pub(super) struct Person {
    /// The account's id, which never changes.
    pub(super) id: &'static str,
    /// Name.
    pub(super) name: &'static str,
    /// E-mail.
    pub(super) email: &'static str,
}

/// All of them.
pub(super) const PEOPLE: [Person; 3] = [
    Person {
        id: "prac_1001",
        name: "Ada Brandt",
        email: "ada@northwind.example",
    },
    Person {
        id: "prac_1002",
        name: "Ravi Menon",
        email: "ravi@northwind.example",
    },
    Person {
        id: "prac_1003",
        name: "Noor Haddad",
        email: "noor@lighthouse.example",
    },
];

/// The one with that id.
pub(super) fn person(id: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.id == id)
}
