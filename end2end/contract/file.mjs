// What `grantport apply` makes for `make contract`.

export const APOLLO_APP = {
  clientId: "vvZd-i_3MsfI6gmktGJY7F-kTE42SrO1RB9W8avPp0h",
  clientSecret: "N6CW_m_0FNl8hapshH4Wy4jr3uT8XqsERzdniY74Tw5",
  scopes: ["contact_read", "contact_update", "contacts_search", "people_match", "person_read"],
};

/** @returns {string} */
export const fileOf = () => `
[organization]
name = "Acme"

[[applications]]
slug = "crm-sync"
name = "CRM Sync"
return_urls = ["https://app.acme.example/integrations"]

[[applications.api_keys]]
name = "contract"

[[applications.providers]]
definition = "apollo"
slug = "apollo"
client_id = "${APOLLO_APP.clientId}"
client_secrets = ["\${APOLLO_SECRET}"]
scopes = ${JSON.stringify(APOLLO_APP.scopes)}
`;
