//! A landlord's part of the story: forty units come in as a sheet, are seen beside the market, changed, filtered, summed up, and go
//! out as a sheet.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Failure, PASSWORD, Story, expect, text};

const EMAIL: &str = "lena@example.com";
const PROPERTIES: &str = "/api/landlord/properties";
/// How many units the sheet has.
const UNITS: u32 = 40;
/// In how many ZIP codes they are, those of the demonstration's listings in Atlanta.
const ZIPS: u32 = 6;

/// A unit of the sheet.
struct Unit {
    number: u32,
    /// In dollars a month.
    rent: u32,
    vacant: bool,
}

impl Unit {
    fn zip(&self) -> u32 {
        30308 + self.number % ZIPS
    }
}

/// What the sheet says.
fn units() -> Vec<Unit> {
    let unit = |number| Unit {
        number,
        rent: 1350 + 25 * (number * 7 % 30),
        vacant: number % 8 == 3,
    };
    (0..UNITS).map(unit).collect()
}

/// What they bring a month.
fn revenue(units: &[Unit]) -> u32 {
    let let_out = units.iter().filter(|unit| !unit.vacant);
    let_out.map(|unit| unit.rent).sum()
}

impl Story<'_> {
    /// Lena has forty units to look after.
    pub(super) async fn look_after_a_portfolio(&mut self) -> Result<(), Failure> {
        self.become_a_landlord().await?;
        let mut units = units();
        let sheet = self.sheet(&units);
        self.preview(&sheet).await?;
        self.import(sheet).await?;
        let dear = self.see_them_beside_the_market().await?;
        self.be_right_to_the_dollar(&units).await?;
        self.change_one(&dear, &mut units).await?;
        self.filter(&units).await?;
        self.be_right_to_the_dollar(&units).await?;
        self.export().await
    }

    async fn become_a_landlord(&mut self) -> Result<(), Failure> {
        let person = json!({ "email": EMAIL, "password": PASSWORD, "name": "Lena Lind" });
        self.token = None;
        let answer = self
            .call(
                Method::POST,
                "/api/auth/signup",
                Some(&person),
                StatusCode::CREATED,
            )
            .await?;
        self.token = Some(text(&answer["token"])?);
        let role = json!({ "userType": "landlord" });
        self.call(Method::PATCH, "/api/auth/user-type", Some(&role), StatusCode::OK)
            .await?;
        let wish = json!({ "planId": "landlord_enterprise", "interval": "month" });
        let page = self
            .call(
                Method::POST,
                "/api/payments/create-checkout",
                Some(&wish),
                StatusCode::OK,
            )
            .await?;
        self.end_payment(&text(&page["url"])?, "paid").await?;
        self.until("the plan runs", async |story| {
            let me = story.get("/api/auth/me").await?;
            Ok(me["user"]["subscriptionTier"] == "landlord_enterprise")
        })
        .await?;
        self.step("Lena, a landlord, begins the trial of a plan for a hundred units")
    }

    /// A rent roll, as a spreadsheet would write it.
    fn sheet(&self, units: &[Unit]) -> String {
        let ends = |number: u32| {
            let days = i64::from(20 + number * 9);
            let at = self.platform.clock().now() + SignedDuration::from_hours(24 * days);
            at.to_zoned(TimeZone::UTC).strftime("%-m/%-d/%Y").to_string()
        };
        let mut sheet = "Address,Unit,City,State,ZIP,Beds,Rent,Status,Tenant,Lease End\r\n".to_owned();
        for unit in units {
            let (status, tenant, lease_end) = if unit.vacant {
                ("Vacant", String::new(), String::new())
            } else {
                ("Occupied", format!("Tenant {}", unit.number), ends(unit.number))
            };
            sheet.push_str(&format!(
                "\"{} Elm Street, rear\",{},Atlanta,GA,{},{},\"${}.00\",{status},{tenant},{lease_end}\r\n",
                100 + unit.number,
                unit.number,
                unit.zip(),
                1 + unit.number % 3,
                unit.rent,
            ));
        }
        sheet
    }

    async fn preview(&mut self, sheet: &str) -> Result<(), Failure> {
        let wrong = sheet.replacen(",Atlanta,GA,", ",Atlanta,Georgia,", 1);
        let preview = self.send_sheet("?preview=true", wrong, StatusCode::OK).await?;
        let told = &preview["wrong"][0];
        expect(
            preview["entered"] == UNITS - 1 && told["line"] == 2 && told["field"] == "state",
            "the preview names what is wrong",
            &preview,
        )?;
        let why = format!("line 2, state {}", text(&told["message"])?);
        self.step(&format!(
            "A preview of her sheet names what is wrong with it: \"{why}\""
        ))
    }

    async fn import(&mut self, sheet: String) -> Result<(), Failure> {
        for time in ["sent", "sent again"] {
            let imported = self.send_sheet("", sheet.clone(), StatusCode::OK).await?;
            let list = self.get(&format!("{PROPERTIES}?limit=1")).await?;
            expect(
                imported["entered"] == UNITS && list["total"] == UNITS,
                &format!("{UNITS} units are entered once, when the sheet is {time}"),
                &imported,
            )?;
        }
        self.step(&format!(
            "She mends it, and its {UNITS} units are entered, once, however often she sends it"
        ))
    }

    /// The path of a unit that is let below its market.
    async fn see_them_beside_the_market(&mut self) -> Result<String, Failure> {
        let list = self.get(&format!("{PROPERTIES}?limit=100")).await?;
        let properties = list["properties"].as_array().ok_or("no list")?;
        let known = |property: &&Value| property["marketAvgRent"].is_number();
        let (known, unknown): (Vec<&Value>, Vec<&Value>) = properties.iter().partition(known);
        let explained = unknown
            .iter()
            .all(|property| property["marketReason"].is_string());
        expect(
            !known.is_empty() && explained && known.len() + unknown.len() == properties.len(),
            "each is shown with its market, or with why it has none",
            &list,
        )?;
        self.step(&format!(
            "{} of them are shown beside the rents of such homes in their ZIP codes, the others with why too little is known",
            known.len()
        ))?;
        let cheap = known
            .iter()
            .find(|property| property["pricingRecommendation"]["type"] == "increase")
            .ok_or("no unit is let below its market")?;
        let advice = text(&cheap["recommendation"])?;
        self.step(&format!("Of {} she reads: \"{advice}\"", text(&cheap["name"])?))?;
        Ok(format!("{PROPERTIES}/{}", text(&cheap["id"])?))
    }

    async fn change_one(&mut self, path: &str, units: &mut [Unit]) -> Result<(), Failure> {
        let before = self.get(path).await?;
        let number: u32 = text(&before["unitNumber"])?.parse()?;
        let unit = units
            .iter_mut()
            .find(|unit| unit.number == number)
            .ok_or("a unit that the sheet does not have")?;
        unit.rent += 55;
        let wish = json!({ "currentRent": unit.rent });
        let now = self
            .call(Method::PATCH, path, Some(&wish), StatusCode::OK)
            .await?;
        expect(now["actualRent"] == unit.rent, "the rent is changed", &now)?;
        self.step(&format!("She asks ${} of it from now on", unit.rent))
    }

    async fn filter(&mut self, units: &[Unit]) -> Result<(), Failure> {
        let vacant = self.get(&format!("{PROPERTIES}?status=vacant")).await?;
        let wanted = units.iter().filter(|unit| unit.vacant).count();
        let found = vacant["properties"].as_array().map_or(0, Vec::len);
        expect(found == wanted, "the vacant ones are found", &vacant)?;
        let mut of_risk = Vec::new();
        for risk in ["high", "medium", "low"] {
            let list = self
                .get(&format!("{PROPERTIES}?vacancyRisk={risk}&limit=100"))
                .await?;
            of_risk.push(list["properties"].as_array().map_or(0, Vec::len));
        }
        expect(
            of_risk.iter().sum::<usize>() == units.len(),
            "each unit has a risk",
            &json!(of_risk),
        )?;
        self.step(&format!(
            "She looks for the {found} that are vacant; by their risk, {} are high, {} medium and {} low",
            of_risk[0], of_risk[1], of_risk[2]
        ))
    }

    async fn be_right_to_the_dollar(&mut self, units: &[Unit]) -> Result<(), Failure> {
        let summary = self.get("/api/landlord/portfolio/summary").await?;
        let wanted = revenue(units);
        expect(
            summary["totalRevenue"].as_f64() == Some(f64::from(wanted))
                && summary["totalProperties"] == UNITS,
            &format!("the units bring ${wanted}"),
            &summary,
        )?;
        self.step(&format!(
            "They bring ${wanted} a month, says the summary, and so does the sheet"
        ))
    }

    async fn export(&mut self) -> Result<(), Failure> {
        let request = self
            .client
            .get(format!("{}{PROPERTIES}/export", self.platform.url()))
            .bearer_auth(self.token.as_deref().unwrap_or_default());
        let sheet = request.send().await?.error_for_status()?.text().await?;
        let rows = sheet.lines().count().saturating_sub(1);
        let again = self
            .send_sheet("?preview=true", sheet.clone(), StatusCode::OK)
            .await?;
        expect(
            again["unchanged"] == UNITS && again["wrong"] == json!([]),
            "what is exported can be imported, and changes nothing",
            &again,
        )?;
        self.step(&format!(
            "She exports {rows} rows, which another spreadsheet reads, and which come in again as they are"
        ))
    }

    async fn send_sheet(&self, query: &str, sheet: String, wanted: StatusCode) -> Result<Value, Failure> {
        let request = self
            .client
            .post(format!("{}{PROPERTIES}/import{query}", self.platform.url()))
            .bearer_auth(self.token.as_deref().unwrap_or_default())
            .header("content-type", "text/csv")
            .body(sheet);
        let answer = request.send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        expect(
            status == wanted,
            &format!("the sheet is answered {wanted}, not {status}"),
            &body,
        )?;
        Ok(body)
    }
}
