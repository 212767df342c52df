//! Waveforms: written once, when a recording has been decoded to its end.

use super::{Lease, Store, StoreError};
use shared::{job::JobId, peaks::Peaks};

impl Store {
    /// Saves the recording's waveform; an earlier one gives way.
    pub async fn save_peaks(&self, lease: &Lease, peaks: &Peaks) -> Result<(), StoreError> {
        let mut tx = self.fenced(lease).await?;
        let id = lease.id.to_string();
        self.query("DELETE FROM peaks WHERE job_id = ?").bind(id.clone()).execute(&mut tx).await?;
        self.query("INSERT INTO peaks (job_id, samples_per_peak, amplitudes) VALUES (?, ?, ?)")
            .bind(id.clone())
            .bind(peaks.samples_per_peak.cast_signed())
            .bind(hex::encode(&peaks.amplitudes))
            .execute(&mut tx)
            .await?;
        self.query("UPDATE jobs SET has_peaks = 1 WHERE id = ?").bind(id).execute(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// The recording's waveform; none while it was not decoded to its end.
    pub async fn peaks(&self, id: JobId) -> Result<Option<Peaks>, StoreError> {
        let select = self.dialect.sql("SELECT samples_per_peak, amplitudes FROM peaks WHERE job_id = ?");
        let row: Option<(i64, String)> =
            sqlx::query_as(select).bind(id.to_string()).fetch_optional(&self.readers).await?;
        let peaks = |(samples, digits): (i64, String)| {
            let amplitudes = hex::decode(digits).map_err(|error| StoreError::Corrupt {
                what: "recording's waveform",
                reason: error.to_string(),
            })?;
            Ok(Peaks { samples_per_peak: samples.cast_unsigned(), amplitudes })
        };
        row.map(peaks).transpose()
    }
}
