from django.urls import path

from highground.knowledge.pages import answers, asking, curation, harvest, mine, profiles, search, telling

app_name = "knowledge"
urlpatterns = [
    path("knowledge/", search.search, name="search"),
    path("knowledge/search.json", answers.answers, name="answers"),
    path("knowledge/practices.<str:kind>", harvest.practices_file, name="practices_file"),
    path("knowledge/practices/<slug:code>/", search.practice, name="practice"),
    path("knowledge/practices/<slug:code>/jsonld/", harvest.one_practice, name="one_practice"),
    path("knowledge/practices/<slug:code>/files/<int:number>/", search.attachment, name="attachment"),
    path("knowledge/experts.<str:kind>", harvest.experts_file, name="experts_file"),
    path("knowledge/experts/<slug:code>/", search.expert, name="expert"),
    path("knowledge/experts/<slug:code>/jsonld/", harvest.one_expert, name="one_expert"),
    path("knowledge/experts/<slug:code>/ask/", asking.ask, name="ask"),
    path("knowledge/questions/", asking.questions, name="questions"),
    path("knowledge/questions/<int:number>/", asking.referral, name="referral"),
    path("knowledge/mine/", mine.mine, name="mine"),
    path("knowledge/mine/export/", mine.export, name="export"),
    path("knowledge/mine/practices/new/", telling.tell, name="tell"),
    path("knowledge/mine/practices/<slug:code>/", telling.tell, name="tell_anew"),
    path("knowledge/claim/<str:token>/", mine.claim, name="claim"),
    path("knowledge/curate/", curation.curate, name="curate"),
    path("knowledge/curate/new/", profiles.new, name="new"),
    path("knowledge/curate/experts/<slug:code>/", profiles.keep, name="keep"),
    path("knowledge/oai/", harvest.oai, name="oai"),
]
