use super::*;

const OLD_KEK: &str = "gpk1_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
const NEW_KEK: &str = "gpk1_AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";
const CANARY: &str = "canary-7fQ2-refresh-token";

fn keks(text: &str) -> KekSet {
    KekSet::from_text(text).expect("keys")
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// A keyring under the old key with one organization, and that organization's row.
fn one_organization() -> (Keyring, OrganizationId, WrappedKey) {
    let keyring = Keyring::unlock(keks(OLD_KEK), []).expect("unlocked");
    let organization = OrganizationId::random();
    let row = keyring.create_data_key(&organization, at(1000));
    keyring.adopt(row.clone()).expect("adopted");
    (keyring, organization, row)
}

fn place(organization: &OrganizationId) -> Place<'_> {
    Place {
        table: "connections",
        column: "refresh_token",
        organization,
        row: "con_1",
        generation: 3,
    }
}

#[test]
fn what_was_sealed_opens_in_its_place() {
    let (keyring, organization, _) = one_organization();
    let place = place(&organization);
    let sealed = keyring
        .seal_text(&place, &Secret::from(CANARY))
        .expect("sealed");
    assert_eq!(sealed.as_bytes()[0], 1, "the version");
    assert_eq!(sealed.as_bytes().len(), 1 + 8 + 24 + CANARY.len() + 16);
    let stored = Sealed::from_bytes(sealed.into_bytes());
    let opened = keyring.open_text(&place, &stored).expect("opened");
    assert_eq!(opened.expose(), CANARY);
}

#[test]
fn nothing_at_all_can_be_sealed_too() {
    let (keyring, organization, _) = one_organization();
    let place = place(&organization);
    let sealed = keyring.seal(&place, b"").expect("sealed");
    assert!(
        keyring
            .open(&place, &sealed)
            .expect("opened")
            .expose()
            .is_empty()
    );
}

#[test]
fn the_same_value_never_looks_the_same_twice() {
    let (keyring, organization, _) = one_organization();
    let place = place(&organization);
    let first = keyring.seal(&place, CANARY.as_bytes()).expect("sealed");
    let second = keyring.seal(&place, CANARY.as_bytes()).expect("sealed");
    assert_ne!(
        first.as_bytes()[9..33],
        second.as_bytes()[9..33],
        "the nonce"
    );
    assert_ne!(first.as_bytes()[33..], second.as_bytes()[33..], "the text");
}

#[test]
fn every_altered_byte_and_every_cut_is_noticed() {
    let (keyring, organization, _) = one_organization();
    let place = place(&organization);
    let sealed = keyring.seal(&place, CANARY.as_bytes()).expect("sealed");
    for index in 0..sealed.as_bytes().len() {
        for bit in [0x01, 0x80] {
            let mut bytes = sealed.as_bytes().to_vec();
            bytes[index] ^= bit;
            let error = keyring
                .open(&place, &Sealed::from_bytes(bytes))
                .expect_err("altered");
            let names_a_key = (1..9).contains(&index);
            let expected = if names_a_key {
                OpenError::UnknownKey
            } else {
                OpenError::Altered
            };
            assert_eq!(error, expected, "byte {index}");
        }
    }
    for length in 0..sealed.as_bytes().len() {
        let cut = Sealed::from_bytes(sealed.as_bytes()[..length].to_vec());
        assert!(keyring.open(&place, &cut).is_err(), "{length} bytes");
    }
    let mut longer = sealed.into_bytes();
    longer.push(0);
    assert!(keyring.open(&place, &Sealed::from_bytes(longer)).is_err());
}

#[test]
fn a_value_opens_in_no_other_place() {
    let (keyring, organization, _) = one_organization();
    let other = OrganizationId::random();
    let row = keyring.create_data_key(&other, at(2000));
    keyring.adopt(row).expect("adopted");
    let place = place(&organization);
    let sealed = keyring.seal(&place, CANARY.as_bytes()).expect("sealed");
    let elsewhere = [
        Place {
            table: "flows",
            ..place
        },
        Place {
            column: "access_token",
            ..place
        },
        Place {
            organization: &other,
            ..place
        },
        Place {
            row: "con_2",
            ..place
        },
        Place {
            generation: 2,
            ..place
        },
        // the same letters, divided otherwise
        Place {
            table: "connectionsr",
            column: "efresh_token",
            ..place
        },
    ];
    for wrong in elsewhere {
        assert_eq!(
            keyring.open(&wrong, &sealed).map(|_| ()),
            Err(OpenError::Altered),
            "{wrong:?}"
        );
    }
    assert!(keyring.open(&place, &sealed).is_ok());
}

#[test]
fn a_wrong_key_encryption_key_is_refused_by_name() {
    let (_, _, row) = one_organization();
    let error = Keyring::unlock(keks(NEW_KEK), [row.clone()]).expect_err("another key");
    assert_eq!(error, KeyError::UnknownKek(row.kek_id.clone()));
    assert!(error.to_string().contains(row.kek_id.as_str()));
    let relabelled = WrappedKey {
        kek_id: keks(NEW_KEK).check_value().kek_id,
        ..row.clone()
    };
    let error = Keyring::unlock(keks(NEW_KEK), [relabelled]).expect_err("another key");
    assert_eq!(error, KeyError::Altered(row.id));
}

#[test]
fn an_altered_data_key_is_refused() {
    let (_, _, row) = one_organization();
    for index in 0..row.wrapped.len() {
        let mut altered = row.clone();
        altered.wrapped[index] ^= 1;
        let error = Keyring::unlock(keks(OLD_KEK), [altered]).expect_err("altered");
        assert_eq!(error, KeyError::Altered(row.id.clone()), "byte {index}");
    }
}

#[test]
fn rotating_the_key_encryption_key_keeps_every_value_readable() {
    let (before, organization, row) = one_organization();
    let place = place(&organization);
    let sealed = before.seal(&place, CANARY.as_bytes()).expect("sealed");
    let derived = before.derive(&organization, "provider", b"crm/apollo");

    let during = Keyring::unlock(keks(&format!("{NEW_KEK}\n{OLD_KEK}")), [row]).expect("unlocked");
    assert!(during.open(&place, &sealed).is_ok(), "the old key decrypts");
    let new_id = during.keks().check_value().kek_id;
    assert_eq!(during.status().get(&new_id), Some(&0));
    let made_meanwhile = during.create_data_key(&OrganizationId::random(), at(5000));
    assert_eq!(made_meanwhile.kek_id, new_id, "the new key encrypts");

    let rows = during.rewrapped();
    for row in rows.clone() {
        during.adopt(row).expect("adopted");
    }
    assert_eq!(during.status().get(&new_id), Some(&1));
    assert_eq!(during.status().values().sum::<usize>(), 1);

    let after = Keyring::unlock(keks(NEW_KEK), rows).expect("the old key is gone");
    let opened = after.open(&place, &sealed).expect("opened");
    assert_eq!(opened.expose(), CANARY.as_bytes());
    assert_eq!(
        after.derive(&organization, "provider", b"crm/apollo"),
        derived
    );
}

#[test]
fn a_newer_data_key_seals_and_the_older_one_still_opens() {
    let (keyring, organization, old) = one_organization();
    let place = place(&organization);
    let sealed = keyring.seal(&place, CANARY.as_bytes()).expect("sealed");
    let derived = keyring.derive(&organization, "provider", b"");
    let new = keyring.create_data_key(&organization, at(9000));
    let old = WrappedKey {
        active: false,
        ..old
    };
    // in whatever order the rows come
    let keyring = Keyring::unlock(keks(OLD_KEK), [new, old]).expect("unlocked");
    assert!(keyring.open(&place, &sealed).is_ok());
    let resealed = keyring.seal(&place, CANARY.as_bytes()).expect("sealed");
    assert_ne!(
        resealed.as_bytes()[1..9],
        sealed.as_bytes()[1..9],
        "the key"
    );
    assert_eq!(
        keyring.derive(&organization, "provider", b""),
        derived,
        "ids follow from the oldest key"
    );
}

#[test]
fn a_node_without_the_key_says_so_and_can_adopt_it() {
    let (keyring, organization, row) = one_organization();
    let place = place(&organization);
    let sealed = keyring.seal(&place, CANARY.as_bytes()).expect("sealed");
    let node = Keyring::unlock(keks(OLD_KEK), []).expect("unlocked");
    assert_eq!(
        node.open(&place, &sealed).map(|_| ()),
        Err(OpenError::UnknownKey)
    );
    assert_eq!(
        node.seal(&place, b""),
        Err(SealError::NoDataKey(organization.clone()))
    );
    assert_eq!(
        node.derive(&organization, "", b""),
        Err(KeyError::NoDataKey(organization.clone()))
    );
    node.adopt(row).expect("adopted");
    assert!(node.open(&place, &sealed).is_ok());
}

#[test]
fn derived_bytes_repeat_and_depend_on_everything() {
    let (keyring, organization, _) = one_organization();
    let other = OrganizationId::random();
    let row = keyring.create_data_key(&other, at(1000));
    keyring.adopt(row).expect("adopted");
    let derived = keyring.derive(&organization, "provider", b"apollo");
    assert_eq!(
        derived,
        keyring.derive(&organization, "provider", b"apollo")
    );
    assert_ne!(derived, keyring.derive(&organization, "provider", b"attio"));
    assert_ne!(
        derived,
        keyring.derive(&organization, "providera", b"pollo")
    );
    assert_ne!(derived, keyring.derive(&other, "provider", b"apollo"));
}

#[test]
fn nothing_secret_is_printed() {
    let (keyring, organization, row) = one_organization();
    let place = place(&organization);
    let sealed = keyring.seal(&place, CANARY.as_bytes()).expect("sealed");
    let opened = keyring.open(&place, &sealed).expect("opened");
    assert_eq!(format!("{opened:?}"), "Secret(..)");
    assert_eq!(
        format!("{sealed:?}"),
        format!("Sealed({} bytes)", 49 + CANARY.len())
    );
    let printed = format!("{keyring:?}");
    assert!(printed.contains(row.kek_id.as_str()), "{printed}");
    assert!(!printed.contains("gpk1_"), "{printed}");
}

#[test]
fn many_threads_seal_and_adopt_at_once() {
    let (keyring, organization, _) = one_organization();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let place = place(&organization);
                    let sealed = keyring.seal(&place, CANARY.as_bytes()).expect("sealed");
                    let other = OrganizationId::random();
                    let row = keyring.create_data_key(&other, at(3000));
                    keyring.adopt(row).expect("adopted");
                    assert!(keyring.open(&place, &sealed).is_ok());
                }
            });
        }
    });
}
