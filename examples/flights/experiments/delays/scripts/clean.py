"""Keeps the flights that arrived, and works out of their times what was known before they left."""

import pandas as pd

LATE_MINUTES = 15


def azureml_main(dataframe1=None, dataframe2=None):
    arrived = dataframe1.dropna(subset=["arr_delay", "tailnum"])
    day = pd.to_datetime(arrived[["year", "month", "day"]])
    flights = pd.DataFrame(
        {
            "late": (arrived["arr_delay"] > LATE_MINUTES).map({True: "yes", False: "no"}),
            "month": arrived["month"],
            "weekday": day.dt.day_name(),
            "hour": arrived["sched_dep_time"] // 100,
            "carrier": arrived["carrier"],
            "origin": arrived["origin"],
            "dest": arrived["dest"],
            "distance": arrived["distance"],
            "tailnum": arrived["tailnum"],
            "time_hour": arrived["time_hour"],
        }
    )
    cancelled = (
        dataframe1["arr_delay"].isna().groupby(dataframe1["carrier"]).agg(["size", "sum"]).reset_index()
    )
    cancelled.columns = ["carrier", "flights", "not_arrived"]
    print(
        f"{len(dataframe1):,} flights, {len(flights):,} arrived, {(flights.late == 'yes').mean():.1%} of them late"
    )
    return flights, cancelled
