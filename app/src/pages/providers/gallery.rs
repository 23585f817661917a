//! `/apps/{slug}/providers/new`: is mine here, can I trust the entry?

use crate::address;
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::icon::Icon;
use crate::components::mark::Mark;
use crate::components::notice::{Notice, Tone};
use crate::components::trust::TrustSign;
use crate::pages::visit::{Visit, param, query, visit};
use crate::wire::{DefinitionTile, GalleryView};
use leptos::prelude::*;

/// All definitions, searched by a form and narrowed by category, both in the address.
#[component]
pub fn Gallery() -> impl IntoView {
    let slug = param("app");
    let wanted = Wanted {
        slug: slug.clone(),
        q: query("q"),
        category: query("category"),
    };
    let asked = wanted.clone();
    visit(
        Place::Providers,
        address::gallery(&slug),
        move |portal| {
            let Wanted { slug, q, category } = asked.clone();
            async move { portal.gallery(&slug, &q, &category).await }
        },
        move |visit, gallery| {
            view! { <Content visit=visit wanted=wanted gallery=gallery /> }.into_any()
        },
    )
}

/// What the address asks for.
#[derive(Clone)]
struct Wanted {
    slug: String,
    q: String,
    category: String,
}

#[component]
fn Content(visit: Visit, wanted: Wanted, gallery: GalleryView) -> impl IntoView {
    let lead = match gallery.total {
        1 => "One provider, with its set-up guide.".to_owned(),
        total => format!("{total} providers, each with its set-up guide."),
    };
    let crumb = (address::providers(&wanted.slug), "OAuth Providers");
    let narrowed = !wanted.q.is_empty() || !wanted.category.is_empty();
    let heading = if narrowed { "Found" } else { "All providers" };
    let custom = address::new_custom_provider(&wanted.slug);
    let tiles = if gallery.tiles.is_empty() && !gallery.custom {
        view! {
            <p>
                "No provider fits. "
                <a href=address::gallery(&wanted.slug)>"Show all "{gallery.total}</a>
                ", or "
                <a href=custom>"add it as a custom provider"</a>
                "."
            </p>
        }
        .into_any()
    } else {
        let slug = wanted.slug.clone();
        view! {
            <ul class="tiles">
                {gallery.tiles.into_iter().map(|tile| view! { <Tile slug=slug.clone() tile=tile /> }).collect_view()}
                {gallery.custom.then(|| view! { <CustomTile address=custom /> })}
            </ul>
        }
        .into_any()
    };
    view! {
        <Framed frame=visit.frame place=Place::Providers title="Add Provider">
            <PageHead title="Add Provider" lead=lead crumb=crumb />
            <LeftOut sentences=gallery.left_out />
            <Search wanted=wanted.clone() />
            <div class="browse">
                <Categories wanted=wanted categories=gallery.categories total=gallery.total />
                <div class="stack stack--loose">
                    <section class="stack" aria-labelledby="tiles">
                        <h2 id="tiles">{heading}</h2>
                        {tiles}
                    </section>
                    <p class="small quiet">
                        <strong>"How sure we are."</strong>
                        " Documented: written from the vendor’s pages. Contract-tested: our tests play its documented answers. Seen live: a real account went through it."
                    </p>
                </div>
            </div>
        </Framed>
    }
    .into_any()
}

/// Definition files that could not be used, for those who can correct them.
#[component]
fn LeftOut(sentences: Vec<String>) -> impl IntoView {
    (!sentences.is_empty()).then(|| {
        let what = match sentences.len() {
            1 => "One definition file has a mistake and was left out.".to_owned(),
            many => format!("Definition files were left out; they have {many} mistakes."),
        };
        let sentences = sentences
            .into_iter()
            .map(|sentence| view! { <li>{sentence}</li> })
            .collect_view();
        view! {
            <Notice tone=Tone::Warn>
                <div class="stack stack--tight">
                    <p><strong>{what}</strong>" Correct it in the catalog directory, then restart the server."</p>
                    <ul>{sentences}</ul>
                </div>
            </Notice>
        }
    })
}

/// What is in no catalog has a tile as well, after all others.
#[component]
fn CustomTile(address: String) -> impl IntoView {
    view! {
        <li class="tile">
            <div class="who">
                <Mark mark=Mark::nothing().big() />
                <span>
                    <a href=address>"Custom OAuth 2.0 / OpenID Connect"</a>
                    <small>"Generic"</small>
                </span>
            </div>
            <p>"Any other provider, from its issuer or by hand."</p>
            <div class="row"><span class="small quiet">"You write the definition"</span></div>
        </li>
    }
    .into_any()
}

#[component]
fn Search(wanted: Wanted) -> impl IntoView {
    let category = (!wanted.category.is_empty())
        .then(|| view! { <input type="hidden" name="category" value=wanted.category /> });
    view! {
        <form class="row" role="search" action=address::gallery(&wanted.slug) aria-label="Providers">
            <div class="search">
                <Icon icon=Icon::Search />
                <label class="unseen" for="q">"Search providers"</label>
                <input class="input" id="q" name="q" type="search" value=wanted.q placeholder="Search by name, category or address" />
            </div>
            {category}
            <button class="button" type="submit">"Search"</button>
        </form>
    }
    .into_any()
}

#[component]
fn Categories(wanted: Wanted, categories: Vec<(String, u32)>, total: u32) -> impl IntoView {
    let all = (String::new(), total);
    let items = std::iter::once(all)
        .chain(categories)
        .map(|(category, count)| {
            let here = (category == wanted.category).then_some("true");
            let address = address::gallery_with(&wanted.slug, &wanted.q, &category);
            let words = if category.is_empty() {
                "All".to_owned()
            } else {
                category
            };
            view! {
                <li><a class="nav__item" href=address aria-current=here>{words}" "<span class="num">{count}</span></a></li>
            }
        })
        .collect_view();
    view! { <nav aria-label="Categories"><ul class="nav">{items}</ul></nav> }.into_any()
}

#[component]
fn Tile(slug: String, tile: DefinitionTile) -> impl IntoView {
    let added = tile
        .added
        .then(|| view! { <span class="tag"><Icon icon=Icon::Tick size=12 />" Added"</span> });
    view! {
        <li class="tile">
            <div class="who">
                <Mark mark=Mark::provider(&tile.mark).big() />
                <span>
                    <a href=address::new_provider(&slug, &tile.id)>{tile.mark.name}</a>
                    <small>{tile.category}</small>
                </span>
            </div>
            <p>{tile.remark}</p>
            <div class="row row--apart"><TrustSign trust=tile.trust />{added}</div>
        </li>
    }
    .into_any()
}
