const GIVEN_F = [
  ...[
    "Ada",
    "Beatrix",
    "Clara",
    "Dorothea",
    "Edith",
    "Frieda",
    "Greta",
    "Hedda",
    "Imogen",
    "Judith",
  ],
  ...[
    "Katrin",
    "Leonie",
    "Mathilda",
    "Nora",
    "Ottilie",
    "Paulina",
    "Rosalind",
    "Selma",
    "Thea",
    "Viola",
  ],
] as const;
const GIVEN_M = [
  ...["Albin", "Bruno", "Caspar", "Dorian", "Emil", "Florian", "Gustav", "Hector", "Ivo", "Jasper"],
  ...[
    "Konrad",
    "Linus",
    "Moritz",
    "Nestor",
    "Oskar",
    "Pascal",
    "Rufus",
    "Silas",
    "Tobias",
    "Valentin",
  ],
] as const;
const FAMILY = [
  ...["Ashcombe", "Brightwater", "Calloway", "Dunmere", "Elderfield", "Fairholm", "Greenhaugh"],
  ...["Hollowell", "Ironbridge", "Juniper", "Kestrelmoor", "Larkhill", "Merriweather", "Northgate"],
  ...["Oakhollow", "Pennywhistle", "Quillfeather", "Ravensworth", "Stonecroft", "Thistledown"],
  ...["Underhill", "Vinterberg", "Willowbrook", "Yarrowfield", "Zephyrine"],
] as const;

/**
 * The invented name of a demo patient; it always ends in "(demo)".
 *
 * @param index - Place in the list of demo patients: up to 500 patients of one sex have names of their own.
 */
export function demoName(index: number, sex: "F" | "M" | "X"): string {
  const given = sex === "M" || (sex === "X" && index % 2 === 1) ? GIVEN_M : GIVEN_F;
  const family = FAMILY[index % FAMILY.length] ?? FAMILY[0];
  const first = given[Math.floor(index / FAMILY.length) % given.length] ?? given[0];
  return `${first} ${family} (demo)`;
}
